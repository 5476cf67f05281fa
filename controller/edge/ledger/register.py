"""Register: what stands and what is under way, read at one moment, for ten thousand requests at once."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from controller.core.change import Standing
from controller.core.decision import Register
from controller.core.identity import RequestId
from controller.core.run import Run
from controller.edge.ledger.engine import mapped
from controller.edge.ledger.records import REQUEST, RUN, read_run
from controller.edge.ledger.tables import CURSOR, HEARD, AnyRow, meta, requests, runs


class _Runs(Mapping[RequestId, Run]):
    """Runs that are made of their rows when somebody looks: a decision asks for few of ten thousand."""

    def __init__(self, rows: Mapping[RequestId, AnyRow]) -> None:
        self._rows = rows

    def __getitem__(self, request: RequestId) -> Run:
        with mapped():
            return read_run(self._rows[request])

    def __iter__(self) -> Iterator[RequestId]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def read_register(conn: Connection) -> Register:
    """The whole register."""
    return Register(
        standing=_standing(conn),
        open_runs=_open_runs(conn),
        last=_last(conn),
        cursor=read_cursor(conn),
        heard=read_moment(conn, HEARD),
    )


def read_cursor(conn: Connection) -> str | None:
    """The commit of the default branch that was last reconciled."""
    return _read(conn, CURSOR)


def read_moment(conn: Connection, name: str) -> datetime | None:
    """A time that is remembered under a name."""
    known = _read(conn, name)
    return datetime.fromisoformat(known) if known else None


def _read(conn: Connection, name: str) -> str | None:
    return conn.execute(select(meta.c.value).where(meta.c.name == name)).scalar_one_or_none()


def _standing(conn: Connection) -> Mapping[RequestId, Standing]:
    columns = (requests.c.subject, requests.c.digest, requests.c.begun)
    stands = select(*columns).where(requests.c.begun.is_not(None)).order_by(requests.c.key)
    found = (
        Standing(REQUEST.validate_json(subject), digest, begun)
        for subject, digest, begun in conn.execute(stands)
    )
    return {standing.request.id: standing for standing in found}


def _open_runs(conn: Connection) -> tuple[Run, ...]:
    is_open = runs.c.state.in_(("waiting", "running", "held"))
    return tuple(map(read_run, conn.execute(select(*RUN).where(is_open).order_by(runs.c.id))))


def _last(conn: Connection) -> Mapping[RequestId, Run]:
    rows = conn.execute(select(*RUN).join(requests, requests.c.last_run == runs.c.id))
    return _Runs({RequestId.parse(row.request): row for row in rows})

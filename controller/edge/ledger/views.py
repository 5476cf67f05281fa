"""SqlViews: the read side of the ledger."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Column, Engine, Select, func, or_, select

from controller.core.identity import RequestId
from controller.core.proposal import Proposal
from controller.core.pull import PullState
from controller.core.wish import Answer
from controller.edge.ledger.answers import read_answer
from controller.edge.ledger.engine import Clock, reading, utcnow
from controller.edge.ledger.outbox import CHUNK
from controller.edge.ledger.records import CARD, OUTPUTS, PROPOSAL, RUN, read_run
from controller.edge.ledger.register import read_moment
from controller.edge.ledger.tables import (
    CURSOR,
    LOOKED,
    AnyRow,
    answers,
    calls,
    events,
    logs,
    meta,
    proposals,
    requests,
    runs,
    workers,
)
from controller.ports import EventView, RequestView, RunQuery, RunView, WorkerView

View = TypeVar("View")

HEARD = timedelta(minutes=10)

_TIMES = (runs.c.created, runs.c.started, runs.c.ended, runs.c.beat, runs.c.lease_until)
_VIEWED = (*RUN, runs.c.team, runs.c.path, runs.c.worker, *_TIMES)


class SqlViews:
    """Pages of the ledger; nothing here writes."""

    def __init__(self, engine: Engine, clock: Clock = utcnow) -> None:
        self._engine = engine
        self._clock = clock

    def proposal(self, number: int) -> Proposal | None:
        """What a pull would change, as last looked at."""
        statement = select(proposals.c.proposal).where(proposals.c.number == number)
        return next(iter(self._read(statement, _proposal)), None)

    def proposals(self) -> tuple[Proposal, ...]:
        """Those of pulls that are open as far as we know, by number."""
        is_open = proposals.c.state == PullState.OPEN.value
        return self._read(select(proposals.c.proposal).where(is_open).order_by(proposals.c.number), _proposal)

    def run(self, run: int) -> RunView | None:
        """One run."""
        return next(iter(self._read(select(*_VIEWED).where(runs.c.id == run), _run)), None)

    def runs(self, query: RunQuery) -> tuple[RunView, ...]:
        """Newest first; `states` takes states (`ended`) and outcomes (`failed`) alike."""
        statement = select(*_VIEWED).order_by(runs.c.id.desc()).limit(query.limit)
        return self._read(statement.where(*_conditions(query)), _run)

    def answer(self, comment: int) -> Answer | None:
        """What a comment was answered."""
        return next(iter(self._read(select(answers).where(answers.c.comment == comment), read_answer)), None)

    def vouch(self, pull: int) -> Answer | None:
        """The last answer to somebody who vouched for a head of the pull."""
        vouches = select(answers).where(answers.c.pull == pull, answers.c.vouches != "")
        return next(iter(self._read(vouches.order_by(answers.c.comment.desc()).limit(1), read_answer)), None)

    def born(self, requests: Iterable[RequestId]) -> Mapping[RequestId, datetime]:
        """Since when what stands of these requests is there: the end of the first apply after the last destroy."""
        keys = sorted({identity.key for identity in requests})
        with reading(self._engine) as conn:
            return {
                RequestId.parse(key): at
                for first in range(0, len(keys), CHUNK)
                for key, at in conn.execute(_births(keys[first : first + CHUNK]))
            }

    def requests(
        self, status: str | None = None, after: str = "", limit: int = 50
    ) -> tuple[RequestView, ...]:
        """By key, from the one after `after` (`dev.database.orders`)."""
        statement = select(requests).where(requests.c.key > after.replace("/", ".")).order_by(requests.c.key)
        if status is not None:
            statement = statement.where(requests.c.status == status)
        return self._read(statement.limit(limit), _request)

    def log(self, run: int, after: int = 0) -> tuple[tuple[int, str], ...]:
        """Chunks of a run's log, numbered, from the one after `after`."""
        chunks = select(logs.c.seq, logs.c.text).where(logs.c.run == run, logs.c.seq > after)
        return self._read(chunks.order_by(logs.c.seq), lambda row: (row.seq, row.text))

    def events(self, run: int | None = None, limit: int = 100) -> tuple[EventView, ...]:
        """Newest first."""
        statement = select(events).order_by(events.c.id.desc()).limit(limit)
        if run is not None:
            statement = statement.where(events.c.run == run)
        return self._read(statement, _event)

    def workers(self) -> tuple[WorkerView, ...]:
        """Every worker heard of in the last ten minutes, by name."""
        heard = workers.c.heard >= self._clock() - HEARD
        return self._read(select(workers).where(heard).order_by(workers.c.name), _worker)

    def reconciled(self) -> str | None:
        """The default branch's commit that was last reconciled."""
        return next(
            iter(self._read(select(meta.c.value).where(meta.c.name == CURSOR), lambda row: str(row.value))),
            None,
        )

    def looked(self) -> datetime | None:
        """When the default branch was last reconciled."""
        with reading(self._engine) as conn:
            return read_moment(conn, LOOKED)

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """How many there are: `requests` by status, `runs` by state, `calls` unsent."""
        with reading(self._engine) as conn:
            unsent = select(func.count()).select_from(calls).where(calls.c.sent.is_(None))
            return {
                "requests": dict(conn.execute(_tally(requests.c.status)).all()),
                "runs": dict(conn.execute(_tally(runs.c.state)).all()),
                "calls": {"unsent": conn.execute(unsent).scalar_one()},
            }

    def _read(self, statement: Any, make: Callable[[AnyRow], View]) -> tuple[View, ...]:
        with reading(self._engine) as conn:
            return tuple(map(make, conn.execute(statement)))


def _conditions(query: RunQuery) -> list[Any]:
    wanted: list[Any] = []
    if query.request is not None:
        wanted.append(runs.c.request == query.request.key)
    if query.pull is not None:
        wanted.append(runs.c.pull == query.pull)
    if query.commit is not None:
        wanted.append(runs.c.commit == query.commit)
    if query.states:
        wanted.append(or_(runs.c.state.in_(query.states), runs.c.outcome.in_(query.states)))
    if query.before is not None:
        wanted.append(runs.c.id < query.before)
    return wanted


def _births(keys: list[str]) -> Select[str, Any]:
    gone = (
        select(runs.c.request, func.max(runs.c.id).label("run"))
        .where(runs.c.request.in_(keys), runs.c.outcome == "destroyed")
        .group_by(runs.c.request)
        .subquery()
    )
    return (
        select(runs.c.request, func.min(runs.c.ended))
        .outerjoin(gone, gone.c.request == runs.c.request)
        .where(runs.c.request.in_(keys), runs.c.outcome == "applied")
        .where(runs.c.id > func.coalesce(gone.c.run, 0))
        .group_by(runs.c.request)
    )


def _tally(column: Column[str]) -> Select[str, int]:
    return select(column, func.count()).group_by(column)


def _run(row: AnyRow) -> RunView:
    return RunView(
        read_run(row),
        row.team,
        row.path,
        row.created,
        row.started,
        row.ended,
        row.worker,
        heard=row.beat,
        lease_until=row.lease_until,
    )


def _request(row: AnyRow) -> RequestView:
    return RequestView(
        id=RequestId.parse(row.key),
        team=row.team,
        path=row.path,
        status=row.status,
        run=row.run,
        changed=row.changed,
        outputs=OUTPUTS.validate_json(row.outputs),
    )


def _proposal(row: AnyRow) -> Proposal:
    return PROPOSAL.validate_json(row.proposal)


def _event(row: AnyRow) -> EventView:
    return EventView(row.at, row.run, row.actor, row.before, row.after, row.why)


def _worker(row: AnyRow) -> WorkerView:
    return WorkerView(CARD.validate_json(row.card), row.started, row.heard)

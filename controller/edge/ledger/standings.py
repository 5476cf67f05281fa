"""Standings: what each request stands at, and its status, kept beside it so that lists need not work it out."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from controller.core.change import Standing
from controller.core.identity import RequestId
from controller.core.outcome import Applied
from controller.core.request import Request
from controller.core.status import RequestStatus, status
from controller.edge.ledger.engine import Work, insert
from controller.edge.ledger.outbox import CHUNK
from controller.edge.ledger.records import OUTPUTS, REQUEST, RUN, dump, read_run
from controller.edge.ledger.tables import CHANGES_STATE, AnyRow, proposed, requests, runs

Rows = Mapping[str, AnyRow]

_NOTHING = dump(OUTPUTS, {})


def begin(work: Work, run: AnyRow) -> None:
    """From now on the request may be half-made: only another run can say what it stands at."""
    _put(work, run, {"digest": None, "begun": run.digest, "last_run": run.id})


def stand(work: Work, run: AnyRow, outcome: Applied) -> None:
    """The request stands at this run's workspace as a whole."""
    outputs = dump(OUTPUTS, outcome.outputs)
    at = {"digest": run.digest, "begun": run.digest, "last_run": run.id, "outputs": outputs}
    _put(work, run, {**at, "changed": work.now})


def leave(work: Work, run: AnyRow) -> None:
    """Nothing of the request is left."""
    gone = {"digest": None, "begun": None, "last_run": run.id, "outputs": _NOTHING}
    _put(work, run, {**gone, "changed": work.now})


def relocate(work: Work, moved: Iterable[Request]) -> None:
    """The requests stand as they did, at another path or of another team."""
    for request in moved:
        values = {"team": request.team, "path": request.path, "subject": dump(REQUEST, request)}
        is_it = (requests.c.key == request.id.key) & requests.c.begun.is_not(None)
        work.conn.execute(update(requests).where(is_it).values(values))


def refresh(work: Work, touched: Iterable[RequestId]) -> None:
    """Bring the rows of these requests up to date with their runs and with the open pulls."""
    keys = sorted({identity.key for identity in touched})
    for start in range(0, len(keys), CHUNK):
        _refresh(work, keys[start : start + CHUNK])


def _put(work: Work, run: AnyRow, values: Mapping[str, Any]) -> None:
    known = {"team": run.team, "path": run.path, "subject": run.subject, **values}
    new = {"key": run.request, "outputs": _NOTHING, "status": "", "changed": work.now, **known}
    statement = insert(work.conn, requests).values(new)
    work.conn.execute(statement.on_conflict_do_update(index_elements=["key"], set_=known))


def _refresh(work: Work, keys: list[str]) -> None:
    now = _by_key(work, select(requests).where(requests.c.key.in_(keys)), "key")
    latest, wishes, plans = _latest(work, keys), _wishes(work, keys), _plans(work, keys)
    rows, unknown = [], []
    for key in keys:
        row = _row(work, now.get(key), latest.get(key), wishes.get(key), plans.get(key))
        if row is not None:
            rows.append({"key": key, **row})
        elif key in now and now[key].last_run is None:
            unknown.append(key)
    if unknown:
        work.conn.execute(delete(requests).where(requests.c.key.in_(unknown)))
    if rows:
        statement = insert(work.conn, requests)
        names = ("team", "path", "subject", "status", "run", "changed")
        fresh = {name: statement.excluded[name] for name in names}
        work.conn.execute(statement.on_conflict_do_update(index_elements=["key"], set_=fresh), rows)


def _row(
    work: Work, now: AnyRow | None, latest: AnyRow | None, wish: AnyRow | None, plan: int | None
) -> dict[str, Any] | None:
    stands = now is not None and now.begun is not None
    said = status(read_run(latest) if latest else None, _standing(now) if stands else None, _proposed(wish))
    if said is None:
        return None
    is_wish = said in {RequestStatus.PENDING, RequestStatus.REJECTED}
    run = plan if is_wish or latest is None else latest.id
    source = now if stands else (wish if is_wish else latest) or now
    same = now is not None and (now.status, now.run) == (said.value, run)
    return {
        "team": source.team if source else "",
        "path": source.path if source else "",
        "subject": source.subject if source else "",
        "outputs": _NOTHING,
        "status": said.value,
        "run": run,
        "changed": now.changed if same and now is not None else work.now,
    }


def _standing(row: AnyRow | None) -> Standing | None:
    return None if row is None else Standing(REQUEST.validate_json(row.subject), row.digest, row.begun)


def _proposed(wish: AnyRow | None) -> RequestStatus | None:
    if wish is None:
        return None
    return RequestStatus.REJECTED if wish.rejected else RequestStatus.PENDING


def _latest(work: Work, keys: list[str]) -> Rows:
    """The newest apply or destroy of each request that was neither superseded nor withdrawn."""
    counts = or_(runs.c.outcome.is_(None), runs.c.outcome.not_in(("superseded", "withdrawn")))
    lane = runs.c.request.in_(keys) & runs.c.operation.in_(CHANGES_STATE)
    newest = select(func.max(runs.c.id)).where(lane, counts).group_by(runs.c.request)
    columns = (*RUN, runs.c.team, runs.c.path, runs.c.subject)
    return _by_key(work, select(*columns).where(runs.c.id.in_(newest)), "request")


def _wishes(work: Work, keys: list[str]) -> Rows:
    """What an open pull makes of each request, the newest pull where there are several."""
    asked = select(proposed).where(proposed.c.request.in_(keys)).order_by(proposed.c.pull)
    return _by_key(work, asked, "request")


def _plans(work: Work, keys: list[str]) -> Mapping[str, int]:
    lane = runs.c.request.in_(keys) & runs.c.operation.not_in(CHANGES_STATE)
    newest = select(runs.c.request, func.max(runs.c.id)).where(lane).group_by(runs.c.request)
    return dict(work.conn.execute(newest).all())


def _by_key(work: Work, statement: Any, name: str) -> Rows:
    return {getattr(row, name): row for row in work.conn.execute(statement)}

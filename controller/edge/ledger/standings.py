"""Standings: what each request stands at, and its status, kept beside it so that lists need not work it out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
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
_ASKED = frozenset({RequestStatus.PENDING, RequestStatus.REJECTED})


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


@dataclass(frozen=True)
class _Facts:
    """All that a request's row is made from: the row as it was, its newest run that counts, and what a pull wants."""

    now: AnyRow | None
    latest: AnyRow | None
    wish: AnyRow | None = None
    plan: int | None = None

    @property
    def status(self) -> RequestStatus | None:
        """What the request's row should say."""
        run = read_run(self.latest) if self.latest else None
        return status(run, _standing(self.now), _proposed(self.wish))


def _refresh(work: Work, keys: list[str]) -> None:
    now = _by_key(work, select(requests).where(requests.c.key.in_(keys)), "key")
    latest = _latest(work, keys)
    facts = {key: _Facts(now.get(key), latest.get(key)) for key in keys}
    # Only where neither a run nor what stands has a say does it matter what a pull asks for.
    asked = [key for key in keys if facts[key].status in {None, RequestStatus.DESTROYED}]
    if asked:
        wishes, plans = _wishes(work, asked), _plans(work, asked)
        facts |= {key: replace(facts[key], wish=wishes.get(key), plan=plans.get(key)) for key in asked}
    _drop(work, [key for key in asked if facts[key].status is None])
    _write(work, {key: _row(work, fact) for key, fact in facts.items()})


def _drop(work: Work, keys: list[str]) -> None:
    """Forget requests that nobody asks for any more, and of which nothing was ever made."""
    if keys:
        never_begun = requests.c.key.in_(keys) & requests.c.last_run.is_(None)
        work.conn.execute(delete(requests).where(never_begun))


def _write(work: Work, rows: Mapping[str, Mapping[str, Any] | None]) -> None:
    known = [{"key": key, **row} for key, row in rows.items() if row is not None]
    if known:
        statement = insert(work.conn, requests)
        names = ("team", "path", "subject", "status", "run", "changed")
        fresh = {name: statement.excluded[name] for name in names}
        work.conn.execute(statement.on_conflict_do_update(index_elements=["key"], set_=fresh), known)


def _row(work: Work, facts: _Facts) -> Mapping[str, Any] | None:
    said, now = facts.status, facts.now
    source = _source(facts, said)
    if said is None or source is None:
        return None
    run = facts.plan if said in _ASKED or facts.latest is None else facts.latest.id
    is_same = now is not None and (now.status, now.run) == (said.value, run)
    return {
        "team": source.team,
        "path": source.path,
        "subject": source.subject,
        "outputs": _NOTHING,
        "status": said.value,
        "run": run,
        "changed": now.changed if now is not None and is_same else work.now,
    }


def _source(facts: _Facts, said: RequestStatus | None) -> AnyRow | None:
    """Whose word it is where the request lies: what stands, else what a pull asks for, else its last run's."""
    if facts.now is not None and facts.now.begun is not None:
        return facts.now
    return (facts.wish if said in _ASKED else facts.latest) or facts.now


def _standing(row: AnyRow | None) -> Standing | None:
    if row is None or row.begun is None:
        return None
    return Standing(REQUEST.validate_json(row.subject), row.digest, row.begun)


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

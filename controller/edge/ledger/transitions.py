"""Transitions: the only place where a run's row is made or its state is written, each with a line of the audit trail."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from controller.core.identity import RequestId
from controller.core.request import Request
from controller.core.run import Opening, Run, Running, State, Waiting, move
from controller.edge.ledger.engine import Work
from controller.edge.ledger.records import (
    RUN,
    call_columns,
    new_run,
    read_run,
    review_columns,
    state_columns,
    tries_columns,
    word,
)
from controller.edge.ledger.tables import CHANGES_STATE, AnyRow, events, runs
from controller.errors import IllegalTransition, UnknownRun

OURSELVES = "infrautomater"


def find(conn: Connection, run: int) -> AnyRow:
    """A run's whole row. Raises UnknownRun."""
    row = conn.execute(select(runs).where(runs.c.id == run)).one_or_none()
    if row is None:
        raise UnknownRun(f"there is no run {run}")
    return row


def open_runs(
    work: Work, wanted: Sequence[tuple[Opening, Request]], actor: str = OURSELVES, why: str = ""
) -> tuple[Run, ...]:
    """Open runs, each about the request as it is asked for now; their keys must be new."""
    if not wanted:
        return ()
    rows = [dict(new_run(opening, subject, work.now)) for opening, subject in wanted]
    statement = runs.insert().returning(runs.c.id, sort_by_parameter_order=True)
    numbers = work.conn.execute(statement, rows).scalars().all()
    _note(work, numbers, actor, ("", Waiting().type), why)
    return tuple(_opened(number, opening) for number, (opening, _) in zip(numbers, wanted, strict=True))


def shift(work: Work, run: Run, state: State, actor: str, why: str = "", **columns: Any) -> Run:
    """Move a run to its next state; `columns` are written with it.

    Raises:
        IllegalTransition: the state machine has no such way, or the run is not where the caller saw it.
    """
    return write(work, run, move(run, state), actor, why, **columns)


def write(work: Work, before: Run, after: Run, actor: str, why: str, **columns: Any) -> Run:
    """Write what core made of a run."""
    values = {
        **state_columns(after.state),
        "confirmed": after.confirmed,
        **tries_columns(after.tries),
        **_times(work, before, after),
        **columns,
    }
    if (before.reviewed, before.conditions) != (after.reviewed, after.conditions):
        values |= review_columns(after.reviewed, after.conditions)
    statement = update(runs).where(runs.c.id == before.id, runs.c.state == before.state.type)
    if work.conn.execute(statement.values(values)).rowcount != 1:
        raise IllegalTransition(f"run {before.id} is not {before.state.type} any more")
    _note(work, [before.id], actor, (word(before.state), word(after.state)), why)
    return after


def lane(run: Run | Opening) -> list[Any]:
    """The condition on rows that serve the same end as this run: those of one request, plans by their pull."""
    same = [runs.c.request == run.request.key]
    if run.operation.only_plans:
        return [*same, runs.c.operation.not_in(CHANGES_STATE), runs.c.pull == run.pull]
    return [*same, runs.c.operation.in_(CHANGES_STATE)]


def newer(work: Work, run: Run) -> int | None:
    """The newest run of the same lane that came after this one and is not over."""
    statement = select(func.max(runs.c.id)).where(*lane(run), runs.c.id > run.id, runs.c.state != "ended")
    found: int | None = work.conn.execute(statement).scalar_one()
    return found


def successor(work: Work, run: Run) -> Run | None:
    """The newest run that makes another attempt of this one pointless: one under way, or a later one.

    A plan changes nothing, so one that is over is in no other's way: the pull may have gone back to the older content.
    """
    counts = or_(runs.c.outcome.is_(None), runs.c.outcome.not_in(("superseded", "withdrawn")))
    is_open = runs.c.state != "ended"
    is_later = is_open if run.operation.only_plans else or_(runs.c.id > run.id, is_open)
    those = select(*RUN).where(*lane(run), runs.c.id != run.id, is_later, counts)
    row = work.conn.execute(those.order_by(runs.c.id.desc()).limit(1)).first()
    return read_run(row) if row else None


def waiting(work: Work, request: RequestId) -> tuple[Run, ...]:
    """Runs of a request that wait for a worker, and not for their time."""
    statement = select(*RUN).where(runs.c.request == request.key, is_ready(work))
    return tuple(map(read_run, work.conn.execute(statement.order_by(runs.c.id))))


def is_ready(work: Work) -> ColumnElement[bool]:
    """The condition on rows of runs that may be given out now."""
    return and_(runs.c.state == "waiting", or_(runs.c.until.is_(None), runs.c.until <= work.now))


def _opened(number: int, opening: Opening) -> Run:
    return Run(
        number,
        opening.request,
        opening.operation,
        opening.digest,
        opening.mode,
        opening.commit,
        opening.pull,
        opening.after,
        opening.attempt,
        opening.waits,
        opening.reviewed,
        opening.conditions,
        tries=opening.tries,
    )


def _times(work: Work, before: Run, after: Run) -> dict[str, Any]:
    times: dict[str, Any] = {}
    if isinstance(before.state, Running) and not isinstance(after.state, Running):
        times |= {"lease_until": None}
    if before.is_open and not after.is_open:
        times |= {"ended": work.now}
    if isinstance(after.state, Waiting):
        times |= call_columns(after.state, work.now)
    return times


def _note(work: Work, numbers: Sequence[int], actor: str, way: tuple[str, str], why: str) -> None:
    before, after = way
    line = {"at": work.now, "actor": actor, "before": before, "after": after, "why": why}
    work.conn.execute(events.insert(), [{**line, "run": number} for number in numbers])

"""Leases: runs are given out, carried on, and come back; each at most once under one fence."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from controller.core.call import Call, plan_pull
from controller.core.identity import RequestId
from controller.core.outcome import Applied, Destroyed, Interrupted, Outcome
from controller.core.plan import Plan
from controller.core.run import Ended, Held, Opening, Run, Running, Waiting, move
from controller.core.succession import is_spoilt, outdates_plans, sequel, superseded_by
from controller.edge.ledger.engine import Work
from controller.edge.ledger.news import tell_of
from controller.edge.ledger.outbox import start
from controller.edge.ledger.proposals import asking
from controller.edge.ledger.records import REQUEST, read_run, read_workspace
from controller.edge.ledger.standings import begin, leave, refresh, stand
from controller.edge.ledger.tables import CHANGES_STATE, AnyRow, runs, workspaces
from controller.edge.ledger.transitions import OURSELVES, is_ready, newer, open_runs, shift, waiting, write
from controller.errors import FenceLost
from controller.ports import Claimed, Lease


@dataclass(frozen=True)
class _Traffic:
    """What happened to a request's state: how often a run that may change it was given out, and whether one is now."""

    claims: int
    is_leased: bool


def claim(work: Work, run_id: int, worker: str, lasts: timedelta) -> Claimed | None:
    """Give a run out, unless it is not waiting, or waits for its time, or its workspace is leased."""
    row = work.conn.execute(select(runs).where(runs.c.id == run_id, is_ready(work))).one_or_none()
    if row is None:
        return None
    traffic = _traffic(work, row.request)
    if traffic.is_leased:
        return None
    fence = row.fence + 1
    times = {"started": work.now, "beat": work.now, "lease_until": work.now + lasts}
    columns = {"worker": worker, "fence": fence, "seen": traffic.claims, **times}
    try:
        with work.conn.begin_nested():
            run = shift(work, read_run(row), Running(worker, fence), worker, **columns)
    except IntegrityError:  # the index says so too, whatever was read before
        return None
    if not run.operation.only_plans:
        refresh(work, (run.request,))
    return Claimed(run, Lease(run_id, worker, fence), _workspace(work, row))


def beat(work: Work, lease: Lease, lasts: timedelta) -> None:
    """Lengthen a lease."""
    values = {"beat": work.now, "lease_until": work.now + lasts}
    if work.conn.execute(update(runs).where(*_is_under(lease)).values(values)).rowcount != 1:
        raise _lost(lease)


def step(work: Work, lease: Lease, name: str, plan: Plan | None = None) -> None:
    """A step begins; a plan that is let through without a reviewed one is that from then on."""
    row = _leased(work, lease)
    run = read_run(row)
    begun = move(run, Running(lease.worker, lease.fence, name))
    write(work, run, replace(begun, reviewed=run.reviewed or plan), lease.worker, "")
    if name == "apply" and not run.operation.only_plans:
        begin(work, row)
        refresh(work, (run.request,))


def settle(work: Work, lease: Lease, state: Held | Ended | Waiting, why: str) -> tuple[Call, ...]:
    """End a lease with what came of the run; the calls that follow from it."""
    row = _leased(work, lease)
    if isinstance(state, Ended) and _is_spoilt(work, row, state.outcome):
        why = "an apply or destroy was started meanwhile, so this plan is thrown away and made again"
        wanted = finish(work, row, Waiting(), lease.worker, why)
        return (*wanted, *start(waiting(work, RequestId.parse(row.request))))
    return finish(work, row, state, lease.worker, why)


def give_back(work: Work, lease: Lease, why: str) -> tuple[Call, ...]:
    """End a lease of a run that waits again; it is called for at once, whoever then takes it."""
    row = _leased(work, lease)
    wanted = finish(work, row, Waiting(), lease.worker, why)
    again = (run for run in waiting(work, RequestId.parse(row.request)) if run.id == lease.run)
    return (*wanted, *start(again))


def expire(work: Work) -> tuple[Call, ...]:
    """End the leases that nobody renewed."""
    over = select(runs).where(runs.c.state == "running", runs.c.lease_until < work.now).order_by(runs.c.id)
    wanted: list[Call] = []
    for row in work.conn.execute(over.with_for_update()).all():
        at = read_run(row).state
        why = f"its worker {row.worker} was last heard at {row.beat:%Y-%m-%d %H:%M:%S} UTC"
        lost = Interrupted(at.step if isinstance(at, Running) else "claimed", why)
        wanted.extend(finish(work, row, Ended(lost), OURSELVES, why))
    return tuple(wanted)


def finish(work: Work, row: AnyRow, state: Held | Ended | Waiting, actor: str, why: str) -> tuple[Call, ...]:
    """Take a run off its worker, and do what follows from it."""
    run = read_run(row)
    pulls = _outdated(work, run) if outdates_plans(run, state) else ()
    heir = newer(work, run)
    follows = sequel(move(run, state), heir, work.now)
    run = shift(work, run, state, actor, "; ".join(filter(None, (why, follows.why))))
    if isinstance(state, Ended):
        _account(work, row, state.outcome)
    elif heir is not None:
        end = superseded_by(heir)
        run = shift(work, run, Ended(end), OURSELVES, end.why)
    opened = _open(work, row, follows.opening) if follows.opening else ()
    return (*tell_of(work, run), *map(plan_pull, pulls), *_go_on(work, run, opened, pulls))


def _outdated(work: Work, run: Run) -> tuple[int, ...]:
    """The open pulls whose plans are of what the request stood at before this run changed it."""
    return tuple(pull for pull in asking(work, run.request) if pull != run.pull)


def _open(work: Work, row: AnyRow, opening: Opening) -> tuple[Run, ...]:
    """Open what goes on from a run; one that was opened already is another's."""
    if work.conn.execute(select(runs.c.id).where(runs.c.key == opening.key)).first():
        return ()
    subject = REQUEST.validate_json(row.subject)
    return open_runs(work, [(opening, subject)], why=f"goes on from run {row.id}")


def _go_on(work: Work, run: Run, opened: Iterable[Run], outdated: Container[int | None]) -> tuple[Call, ...]:
    """Whoever waited for this workspace may go on, but for plans of what was there before this run: others take their place."""
    if run.operation.only_plans:
        return start(other for other in opened if other.state == Waiting())
    refresh(work, (run.request,))
    others = (other for other in waiting(work, run.request) if other.id != run.id)
    return start(
        other
        for other in others
        if not (other.operation.only_plans and other.pull in outdated and other.after != run.id)
    )


def _account(work: Work, row: AnyRow, outcome: Outcome) -> None:
    if row.operation not in CHANGES_STATE:
        return
    if isinstance(outcome, Applied):
        stand(work, row, outcome)
    elif isinstance(outcome, Destroyed):
        leave(work, row)


def _is_spoilt(work: Work, row: AnyRow, outcome: Outcome) -> bool:
    was_changed = _traffic(work, row.request).claims != int(row.seen)
    return is_spoilt(read_run(row), outcome, was_changed=was_changed)


def _traffic(work: Work, request: str) -> _Traffic:
    lane = (runs.c.request == request, runs.c.operation.in_(CHANGES_STATE))
    leased = func.count().filter(runs.c.state == "running")
    claims, is_leased = work.conn.execute(
        select(func.coalesce(func.sum(runs.c.fence), 0), leased).where(*lane)
    ).one()
    return _Traffic(int(claims), bool(is_leased))


def _workspace(work: Work, row: AnyRow) -> Any:
    is_it = (workspaces.c.request == row.request, workspaces.c.digest == row.digest)
    return read_workspace(work.conn.execute(select(workspaces).where(*is_it)).one(), row.subject)


def _leased(work: Work, lease: Lease) -> AnyRow:
    row = work.conn.execute(select(runs).where(*_is_under(lease))).one_or_none()
    if row is None:
        raise _lost(lease)
    return row


def _is_under(lease: Lease) -> tuple[Any, ...]:
    same = (runs.c.id == lease.run, runs.c.fence == lease.fence, runs.c.worker == lease.worker)
    return (*same, runs.c.state == "running")


def _lost(lease: Lease) -> FenceLost:
    return FenceLost(f"worker {lease.worker} has lost its lease of run {lease.run} (fence {lease.fence})")

"""Wishes: what a person wants with one run."""

from dataclasses import replace

from sqlalchemy import func, select

from controller.core.call import Call
from controller.core.outcome import Failed, Interrupted, Withdrawn
from controller.core.request import Request
from controller.core.run import Ended, Held, Run, Waiting, again, release
from controller.edge.ledger.engine import Work
from controller.edge.ledger.outbox import start, tell
from controller.edge.ledger.records import REQUEST, family, read_run
from controller.edge.ledger.standings import refresh
from controller.edge.ledger.tables import runs
from controller.edge.ledger.transitions import find, open_runs, shift, successor, write
from controller.errors import IllegalTransition
from controller.ports import Release, Retry, Withdrawal


def resolve(work: Work, number: int, wish: Release | Withdrawal | Retry) -> tuple[Call, ...]:
    """Do it; the calls that follow from it."""
    row = find(work.conn, number)
    run = read_run(row)
    match wish:
        case Release(by, why):
            wanted = start([write(work, run, release(run), by, why)])
        case Withdrawal(by, why):
            wanted = _withdraw(work, run, Withdrawn(by, why))
        case Retry(by):
            wanted = start(_retry(work, run, REQUEST.validate_json(row.subject), by))
    if not run.operation.only_plans:
        refresh(work, (run.request,))
    return (*wanted, *tell([run]))


def _withdraw(work: Work, run: Run, outcome: Withdrawn) -> tuple[Call, ...]:
    if not isinstance(run.state, Waiting | Held):
        raise IllegalTransition(f"run {run.id} is {run.state.type} and cannot be withdrawn")
    shift(work, run, Ended(outcome), outcome.by, outcome.why, by_person=True)
    return ()


def _retry(work: Work, run: Run, subject: Request, by: str) -> tuple[Run, ...]:
    if not (isinstance(run.state, Ended) and isinstance(run.state.outcome, Failed | Interrupted)):
        raise IllegalTransition(f"run {run.id} did not fail, so there is nothing to retry")
    later = successor(work, run)
    if later is not None:
        # To carry out old content over newer would undo what somebody merged.
        raise IllegalTransition(f"run {later} came after run {run.id}; retry that one, or wait for it")
    opening = again(run)
    kin = select(func.max(runs.c.attempt)).where(runs.c.family == family(opening))
    attempt = work.conn.execute(kin).scalar_one() + 1
    why = f"another attempt of run {run.id}"
    return open_runs(work, [(replace(opening, attempt=attempt), subject)], by, why)

"""Wishes: what people want with runs."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import func, select

from controller.core.call import Call
from controller.core.outcome import Failed, Interrupted, Planned, Withdrawn
from controller.core.run import Ended, Held, Run, Waiting, again, confirm, refusal, settle, situation
from controller.core.wish import Acceptance, Confirmation, Release, Retry, Wish, Withdrawal
from controller.edge.ledger.engine import Work
from controller.edge.ledger.outbox import start, tell
from controller.edge.ledger.records import REQUEST, family, read_run
from controller.edge.ledger.standings import refresh
from controller.edge.ledger.tables import AnyRow, runs
from controller.edge.ledger.transitions import find, open_runs, shift, successor, write
from controller.errors import IllegalTransition


def fulfil(work: Work, wanted: Iterable[tuple[int, Wish]]) -> tuple[Call, ...]:
    """Do what people want, in their order; the calls that follow from it.

    Raises:
        UnknownRun: there is no such run.
        IllegalTransition: a run is not where this can be done.
    """
    calls: list[Call] = []
    concerned: list[Run] = []
    for number, wish in wanted:
        row = find(work.conn, number)
        run = read_run(row)
        calls += (*start(_fulfil(work, row, run, wish)), *tell([run]))
        concerned.append(run)
    refresh(work, (run.request for run in concerned if not run.operation.only_plans))
    return tuple(calls)


def _fulfil(work: Work, row: AnyRow, run: Run, wish: Wish) -> tuple[Run, ...]:
    """Do it; the runs that wait for a worker because of it."""
    match wish:
        case Retry(by):
            return _retry(work, row, run, by)
        case Withdrawal(by, why):
            return _withdraw(work, run, Withdrawn(by, why))
        case Confirmation(by, why) if not isinstance(run.state, Held):
            write(work, run, confirm(run, wish), by, why)
            return ()
        case Release(by, why) | Acceptance(by, why) | Confirmation(by, why):
            settled = write(work, run, settle(run, wish), by, why)
            return (settled,) if isinstance(settled.state, Waiting) else ()


def _withdraw(work: Work, run: Run, outcome: Withdrawn) -> tuple[Run, ...]:
    if not isinstance(run.state, Waiting | Held):
        raise refusal(run, "withdrawn")
    shift(work, run, Ended(outcome), outcome.by, outcome.why, by_person=True)
    return ()


def _retry(work: Work, row: AnyRow, run: Run, by: str) -> tuple[Run, ...]:
    if not _can_be_tried_again(run):
        raise refusal(run, "retried")
    later = successor(work, run)
    if later is not None:
        # To carry out old content over newer would undo what somebody merged.
        raise IllegalTransition(
            f"run {run.id} cannot be retried: run {later.id} came after it and {situation(later)}"
        )
    opening = again(run)
    kin = select(func.max(runs.c.attempt)).where(runs.c.family == family(opening))
    attempt = work.conn.execute(kin).scalar_one() + 1
    subject = REQUEST.validate_json(row.subject)
    return open_runs(
        work, [(replace(opening, attempt=attempt), subject)], by, f"another attempt of run {run.id}"
    )


def _can_be_tried_again(run: Run) -> bool:
    """What ended badly, and a plan, which may be made as often as somebody likes."""
    outcome = run.state.outcome if isinstance(run.state, Ended) else None
    is_plan = run.operation.only_plans and isinstance(outcome, Planned | Withdrawn)
    return is_plan or isinstance(outcome, Failed | Interrupted)

"""Wishes: what people want with runs."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import func, select

from controller.core.call import Call
from controller.core.resolution import confirm, retry, settle, withdraw
from controller.core.run import Held, Run, Waiting
from controller.core.wish import Acceptance, Confirmation, Release, Retry, Wish, Withdrawal
from controller.edge.ledger.engine import Work
from controller.edge.ledger.outbox import start, tell
from controller.edge.ledger.records import REQUEST, read_run
from controller.edge.ledger.standings import refresh
from controller.edge.ledger.tables import AnyRow, runs
from controller.edge.ledger.transitions import find, open_runs, successor, write


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
            write(work, run, withdraw(run, wish), by, why, by_person=True)
            return ()
        case Confirmation(by, why) if not isinstance(run.state, Held):
            write(work, run, confirm(run, wish), by, why)
            return ()
        case Release(by, why) | Acceptance(by, why) | Confirmation(by, why):
            settled = write(work, run, settle(run, wish), by, why)
            return (settled,) if isinstance(settled.state, Waiting) else ()


def _retry(work: Work, row: AnyRow, run: Run, by: str) -> tuple[Run, ...]:
    later = successor(work, run)
    tried = retry(run, later)
    if isinstance(tried, Run):
        before = later if later is not None and later.id == tried.id else run
        return (write(work, before, tried, by, "is not to wait for its time"),)
    kin = select(func.max(runs.c.attempt)).where(runs.c.family == tried.family)
    attempt = work.conn.execute(kin).scalar_one() + 1
    opening, subject = replace(tried, attempt=attempt), REQUEST.validate_json(row.subject)
    return open_runs(work, [(opening, subject)], by, f"another attempt of run {run.id}")

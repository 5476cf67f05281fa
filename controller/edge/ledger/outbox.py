"""The outbox: wake-up calls are recorded with what they are about, and sent afterwards."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import delete, select, update

from controller.core.call import Call, execute, report, report_commit
from controller.core.run import Run
from controller.edge.ledger.engine import Work
from controller.edge.ledger.records import read_call
from controller.edge.ledger.tables import calls

GRACE = timedelta(seconds=2)
"""Whoever recorded a call gets this long to send it."""

KEPT = timedelta(days=1)
MOST = 1_000
CHUNK = 500


def post(work: Work, wanted: Iterable[Call]) -> tuple[Call, ...]:
    """Record calls, each once, and give them their numbers."""
    return post_of(work, [(call, None) for call in dict.fromkeys(wanted)])


def post_of(work: Work, wanted: Sequence[tuple[Call, str | None]]) -> tuple[Call, ...]:
    """Record calls, each with the GUID of the delivery that it answers, and give them their numbers."""
    if not wanted:
        return ()
    rows = [
        {
            "actor": call.actor.value,
            "queue": call.queue,
            "argument": call.argument,
            "created": work.now,
            "delivery": delivery,
        }
        for call, delivery in wanted
    ]
    statement = calls.insert().returning(calls.c.id, sort_by_parameter_order=True)
    numbers = work.conn.execute(statement, rows).scalars()
    return tuple(
        Call(call.actor, call.queue, call.argument, number)
        for (call, _), number in zip(wanted, numbers, strict=True)
    )


def unsent(work: Work) -> tuple[Call, ...]:
    """Calls that nobody has sent for a while, oldest first."""
    rows = work.conn.execute(
        select(calls)
        .where(calls.c.sent.is_(None), calls.c.created < work.now - GRACE)
        .order_by(calls.c.id)
        .limit(MOST)
    )
    return tuple(map(read_call, rows))


def unsent_of(work: Work, delivery: str) -> tuple[Call, ...]:
    """The calls of a delivery that were never sent."""
    rows = work.conn.execute(select(calls).where(calls.c.delivery == delivery, calls.c.sent.is_(None)))
    return tuple(map(read_call, rows))


def mark_sent(work: Work, sent: Iterable[Call]) -> None:
    """Remember that the broker has these."""
    numbers = [call.id for call in sent if call.id is not None]
    for start in range(0, len(numbers), CHUNK):
        chunk = numbers[start : start + CHUNK]
        work.conn.execute(update(calls).where(calls.c.id.in_(chunk)).values(sent=work.now))


def prune(work: Work) -> None:
    """Forget calls that were sent long ago."""
    work.conn.execute(delete(calls).where(calls.c.sent < work.now - KEPT))


def start(runs: Iterable[Run]) -> tuple[Call, ...]:
    """The calls that start runs."""
    return tuple(execute(run.id, run.operation, run.request) for run in runs)


def tell(runs: Iterable[Run]) -> tuple[Call, ...]:
    """The calls that tell the pulls of runs, or the commits of those that no pull brought, what became of them."""
    return tuple(report_commit(run.id) if run.pull is None else report(run.pull) for run in runs)

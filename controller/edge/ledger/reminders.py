"""Reminders: a run that waits although it was called is called again, since a broker loses messages."""

from sqlalchemy import func, select, update

from controller.core.call import Call, reminder_after
from controller.edge.ledger.engine import Work
from controller.edge.ledger.outbox import start
from controller.edge.ledger.records import RUN, read_run
from controller.edge.ledger.tables import calls, runs
from controller.edge.ledger.transitions import is_ready

QUEUE_HEAD = 200
"""Only so many of a queue's waiting runs are called again, oldest first: the rest would wait behind them anyway."""


def remind(work: Work) -> tuple[Call, ...]:
    """The calls for runs that wait for too long by now, or whose time has come."""
    place = func.row_number().over(partition_by=runs.c.queue, order_by=runs.c.id).label("place")
    ready = select(runs.c.id, place).where(is_ready(work)).subquery()
    unsent = select(calls.c.id).where(
        calls.c.sent.is_(None), calls.c.actor == "execute", calls.c.argument == runs.c.id
    )
    overdue = (
        select(*RUN, runs.c.reminders)
        .join(ready, ready.c.id == runs.c.id)
        .where(ready.c.place <= QUEUE_HEAD, runs.c.due <= work.now, ~unsent.exists())
        .order_by(runs.c.id)
    )
    found = work.conn.execute(overdue).all()
    for row in found:
        times = row.reminders + 1
        values = {"due": work.now + reminder_after(times), "reminders": times}
        work.conn.execute(update(runs).where(runs.c.id == row.id).values(values))
    return start(map(read_run, found))

"""SqlLedger: the port, each method one transaction."""

from datetime import timedelta

from sqlalchemy import Engine, delete, func, select, update

from controller.core.call import Call
from controller.core.decision import Decision, Register
from controller.core.delivery import Delivery
from controller.core.run import Ended, Held, Waiting
from controller.edge.ledger import answers, leases, openings, outbox, proposals, standings, wishes
from controller.edge.ledger.engine import Clock, Work, deciding, insert, reading, utcnow, writing
from controller.edge.ledger.records import CARD, RUN, dump, read_run
from controller.edge.ledger.register import read_register
from controller.edge.ledger.tables import CURSOR, calls, deliveries, logs, meta, runs, turns, workers
from controller.ports import Claimed, GivenBack, Lease, WorkerCard

FORGOTTEN = timedelta(days=1)
"""Workers and turns unheard of for so long are dropped."""

REMINDER = timedelta(seconds=60)
QUEUE_HEAD = 200
"""Only so many of a queue's waiting runs are called again, oldest first: the rest would wait behind them anyway."""


class SqlLedger:
    """The ledger in a database that SQLAlchemy knows; `lease_seconds` is how long a lease lasts after a heartbeat."""

    def __init__(self, engine: Engine, clock: Clock = utcnow, lease_seconds: float = 40.0) -> None:
        self._engine = engine
        self._clock = clock
        self._lasts = timedelta(seconds=lease_seconds)

    def record(self, delivery: Delivery, call: Call) -> tuple[Call, ...]:
        """Remember a delivery; the calls to send: none where this GUID was recorded and its call sent."""
        with writing(self._engine, self._clock) as work:
            row = {
                "guid": delivery.guid,
                "event": delivery.event,
                "action": delivery.action,
                "received": work.now,
            }
            statement = insert(work.conn, deliveries).values(row).on_conflict_do_nothing()
            if work.conn.execute(statement.returning(deliveries.c.guid)).first():
                return outbox.post(work, (call,), delivery.guid)
            return outbox.unsent_of(work, delivery.guid)

    def register(self) -> Register:
        """What stands, and what is under way."""
        with reading(self._engine) as conn:
            return read_register(conn)

    def commit(self, decision: Decision) -> tuple[Call, ...]:
        """Record a decision as one transaction; the calls to send. Raises UnknownRun, IllegalTransition for a wish."""
        with deciding(self._engine, self._clock) as work:
            if decision.answer is not None and not answers.remember(work, decision.answer):
                return ()
            fulfilled = wishes.fulfil(work, decision.wishes)
            openings.keep(work, decision.workspaces)
            ended = openings.stop(work, decision.endings, decision.while_held)
            opened, stale = openings.open_wanted(work, decision.openings, decision.workspaces)
            standings.relocate(work, decision.moved)
            asked = proposals.remember(work, decision.proposal) if decision.proposal else frozenset()
            if decision.cursor is not None:
                _set_cursor(work, decision.cursor)
            moved = (request.id for request in decision.moved)
            touched = {run.request for run in (*opened, *ended, *stale)}
            standings.refresh(work, (*touched, *asked, *moved))
            merged = (run for run in (*ended, *stale) if not run.operation.only_plans)
            wanted = (*fulfilled, *outbox.start(opened), *outbox.tell(merged), *decision.calls)
            return outbox.post(work, wanted)

    def claim(self, run: int, worker: str) -> Claimed | None:
        """Give the run out, once; None where it is not waiting, or its workspace is leased."""
        with deciding(self._engine, self._clock) as work:
            return leases.claim(work, run, worker, self._lasts)

    def beat(self, lease: Lease) -> None:
        """Lengthen a lease. Raises FenceLost."""
        with writing(self._engine, self._clock) as work:
            leases.beat(work, lease, self._lasts)

    def step(self, lease: Lease, step: str) -> None:
        """A step begins; before `apply` the request counts as begun. Raises FenceLost."""
        with deciding(self._engine, self._clock) as work:
            leases.step(work, lease, step)

    def log(self, lease: Lease, text: str) -> None:
        """Add to the run's log; what a worker says whose lease somebody else has by now is dropped."""
        with writing(self._engine, self._clock) as work:
            is_it = (runs.c.id == lease.run, runs.c.fence == lease.fence, runs.c.worker == lease.worker)
            if work.conn.execute(select(runs.c.id).where(*is_it).with_for_update()).first():
                last = select(func.coalesce(func.max(logs.c.seq), 0)).where(logs.c.run == lease.run)
                seq = work.conn.execute(last).scalar_one() + 1
                work.conn.execute(logs.insert().values(run=lease.run, seq=seq, text=text))

    def settle(self, lease: Lease, state: Held | Ended | GivenBack) -> tuple[Call, ...]:
        """End a lease with what came of the run; the calls to send. Raises FenceLost."""
        with deciding(self._engine, self._clock) as work:
            if isinstance(state, GivenBack):
                return outbox.post(work, leases.settle(work, lease, Waiting(), state.why))
            return outbox.post(work, leases.settle(work, lease, state, _why(state)))

    def sweep(self) -> tuple[Call, ...]:
        """End the leases nobody renewed, each with another attempt; the calls that were never sent or led to nothing."""
        with deciding(self._engine, self._clock) as work:
            _prune(work)
            unsent = outbox.unsent(work)
            return (*unsent, *outbox.post(work, (*leases.expire(work), *_remind(work))))

    def sent(self, calls: tuple[Call, ...]) -> None:
        """The broker has these."""
        with writing(self._engine, self._clock) as work:
            outbox.mark_sent(work, calls)

    def greet(self, card: WorkerCard) -> None:
        """A worker is alive."""
        with writing(self._engine, self._clock) as work:
            now = {"card": dump(CARD, card), "heard": work.now}
            statement = insert(work.conn, workers).values(name=card.name, started=work.now, **now)
            work.conn.execute(statement.on_conflict_do_update(index_elements=["name"], set_=now))


def _why(state: Held | Ended) -> str:
    """What the audit trail says of it."""
    if isinstance(state, Held):
        return "; ".join(map(str, state.reasons))
    outcome = state.outcome
    return str(getattr(outcome, "summary", "") or getattr(outcome, "why", ""))


def _set_cursor(work: Work, commit: str) -> None:
    statement = insert(work.conn, meta).values(name=CURSOR, value=commit)
    work.conn.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": commit}))


def _remind(work: Work) -> tuple[Call, ...]:
    """Calls for runs that wait although they were called: a broker loses messages."""
    place = func.row_number().over(partition_by=runs.c.queue, order_by=runs.c.id).label("place")
    waiting = select(runs.c.id, place).where(runs.c.state == "waiting").subquery()
    unsent = select(calls.c.id).where(
        calls.c.sent.is_(None), calls.c.actor == "execute", calls.c.argument == runs.c.id
    )
    overdue = (
        select(*RUN)
        .join(waiting, waiting.c.id == runs.c.id)
        .where(waiting.c.place <= QUEUE_HEAD, runs.c.due <= work.now, ~unsent.exists())
        .order_by(runs.c.id)
    )
    found = tuple(map(read_run, work.conn.execute(overdue)))
    for run in found:
        work.conn.execute(update(runs).where(runs.c.id == run.id).values(due=work.now + REMINDER))
    return outbox.start(found)


def _prune(work: Work) -> None:
    outbox.prune(work)
    work.conn.execute(delete(turns).where(turns.c.until < work.now - FORGOTTEN))
    work.conn.execute(delete(workers).where(workers.c.heard < work.now - FORGOTTEN))

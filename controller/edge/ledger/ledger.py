"""SqlLedger: the port, each method one transaction."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Engine, delete, func, select

from controller.core.call import Call
from controller.core.decision import Decision, Register
from controller.core.plan import Plan
from controller.core.run import Ended, Held
from controller.edge.ledger import leases, openings, outbox
from controller.edge.ledger.arrivals import arrive, forget
from controller.edge.ledger.decisions import record_decision
from controller.edge.ledger.engine import Clock, Work, deciding, insert, reading, utcnow, writing
from controller.edge.ledger.records import CARD, dump
from controller.edge.ledger.register import read_register
from controller.edge.ledger.reminders import remind
from controller.edge.ledger.tables import logs, runs, turns, workers
from controller.ports import Arrival, Claimed, GivenBack, Lease, WorkerCard

FORGOTTEN = timedelta(days=1)
"""Workers and turns unheard of for so long are dropped."""

SLICE = 250
"""A transaction is about so many requests at most, which takes a tenth of a second or two."""


class SqlLedger:
    """The ledger in a database that SQLAlchemy knows; `lease_seconds` is how long a lease lasts after a heartbeat."""

    def __init__(self, engine: Engine, clock: Clock = utcnow, lease_seconds: float = 40.0) -> None:
        self._engine = engine
        self._clock = clock
        self._lasts = timedelta(seconds=lease_seconds)

    def record(self, arrivals: Sequence[Arrival]) -> tuple[tuple[Call, ...], ...]:
        """Remember deliveries; for each the calls to send: none where its GUID was recorded and its call sent."""
        with writing(self._engine, self._clock) as work:
            return arrive(work, arrivals)

    def register(self) -> Register:
        """What stands, and what is under way."""
        with reading(self._engine) as conn:
            return read_register(conn)

    def commit(self, decision: Decision) -> tuple[Call, ...]:
        """Record a decision; the calls to send.

        A large one is recorded in parts, so that nobody waits for long to write a delivery or a heartbeat.

        Raises:
            Overtaken: the ledger is not what the decision rests on any more.
            UnknownRun: there is no run that a wish is about.
            IllegalTransition: a wish cannot be fulfilled.
        """
        if len(decision.openings) + len(decision.endings) <= SLICE:
            return self._commit(decision)
        with reading(self._engine) as conn:
            owners = openings.owners(conn, list(decision.endings))
        parts = decision.slices(SLICE, owners)
        return tuple(call for part in parts for call in self._commit(part))

    def _commit(self, decision: Decision) -> tuple[Call, ...]:
        packed = openings.pack(decision.workspaces)
        with deciding(self._engine, self._clock) as work:
            return record_decision(work, decision, packed)

    def claim(self, run: int, worker: str) -> Claimed | None:
        """Give the run out, once; None where it is not waiting, or its workspace is leased."""
        with deciding(self._engine, self._clock) as work:
            return leases.claim(work, run, worker, self._lasts)

    def beat(self, lease: Lease) -> None:
        """Lengthen a lease. Raises FenceLost."""
        with writing(self._engine, self._clock) as work:
            leases.beat(work, lease, self._lasts)

    def step(self, lease: Lease, step: str, plan: Plan | None = None) -> None:
        """A step begins; before `apply` the request counts as begun. Raises FenceLost."""
        with deciding(self._engine, self._clock) as work:
            leases.step(work, lease, step, plan)

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
                return outbox.post(work, leases.give_back(work, lease, state.why))
            return outbox.post(work, leases.settle(work, lease, state, _why(state)))

    def sweep(self) -> tuple[Call, ...]:
        """End the leases nobody renewed, each with another attempt; the calls that were never sent or led to nothing."""
        with deciding(self._engine, self._clock) as work:
            _prune(work)
            unsent = outbox.unsent(work)
            return (*unsent, *outbox.post(work, (*leases.expire(work), *remind(work))))

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


def _prune(work: Work) -> None:
    outbox.prune(work)
    forget(work)
    work.conn.execute(delete(turns).where(turns.c.until < work.now - FORGOTTEN))
    work.conn.execute(delete(workers).where(workers.c.heard < work.now - FORGOTTEN))

"""A product in many processes on loopback, each of which may be killed and started again: box, broker, listener, schedule, workers."""

import json
import os
import signal
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import select

from controller.cli.stack import running_stack
from controller.edge.ledger.engine import BUSY_MS, make_engine, reading
from controller.edge.ledger.tables import calls, events, logs, runs
from tests.faults.catalogue import catalogue
from tests.faults.gates import Gates
from tests.faults.parts import Broker, Crew
from tests.faults.processes import processes_in
from tests.stories.conftest import Stories

LEASE = 2.0
PACE = {
    "INFRAUTOMATER_LEASE": str(LEASE),
    "INFRAUTOMATER_HEARTBEAT": "0.4",
    "INFRAUTOMATER_SILENCE": "1.2",
    "INFRAUTOMATER_SWEEP_EVERY": "0.5",
    "INFRAUTOMATER_RECONCILE_EVERY": "3",
    "INFRAUTOMATER_LOCK_TIMEOUT": "20",
    "INFRAUTOMATER_DRAIN": "1",
    "INFRAUTOMATER_THREADS": "1",
}
"""The numbers keep their order; one thread, so that one run can wait behind another."""

PATIENCE = 150.0
"""Seconds until everything must have healed: a turn of 30 s that died with its teller, and a minute until somebody asks again."""


class Fleet(Stories):
    """People at work, while parts of the product are taken away from them."""

    workers = Crew

    def __init__(self, stack, broker, gates) -> None:
        super().__init__(stack)
        self.broker, self.gates = broker, gates
        [first] = self.get("/api/v1/workers")
        self.crew = self.workers(stack, first["pid"])
        self.home = Path(stack.env["INFRAUTOMATER_DATA"])
        self.url = stack.env.get("DATABASE_URL") or f"sqlite:///{self.home / 'ledger.sqlite'}"
        self.engine = make_engine(self.url)
        self.ready = {}

    def rows(self, table, *where):
        with reading(self.engine) as conn:
            return conn.execute(select(table).where(*where).order_by(table.c.id)).all()

    def runs_of(self, name):
        """A request's applies and destroys, oldest first."""
        mine = runs.c.request.endswith(f".{name}"), runs.c.operation.in_(("apply", "destroy"))
        return self.rows(runs, *mine)

    def changing(self):
        """Every apply and destroy."""
        return self.rows(runs, runs.c.operation.in_(("apply", "destroy")))

    def events_of(self, run):
        return self.rows(events, events.c.run == run)

    def logs_of(self, name):
        """What the applies and destroys of a request printed, in order."""
        for run in self.runs_of(name):
            with reading(self.engine) as conn:
                yield from conn.scalars(select(logs.c.text).where(logs.c.run == run.id).order_by(logs.c.seq))

    def unsent(self):
        return self.rows(calls, calls.c.sent.is_(None))

    def newest(self, name):
        found = self.runs_of(name)
        return found[-1] if found else None

    def worker_of(self, name):
        """The pid of the worker that a request's run is on."""
        return int(self.newest(name).worker.rpartition(":")[2])

    @contextmanager
    def no_ledger(self, seconds=BUSY_MS / 1000 + 1):
        """Nobody can write to the ledger for longer than a writer waits; the block runs meanwhile."""
        with self._writing(timeout=30):
            until = time.monotonic() + seconds
            yield
            time.sleep(max(0.0, until - time.monotonic()))

    @contextmanager
    def _writing(self, timeout):
        with closing(sqlite3.connect(self.home / "ledger.sqlite", timeout, isolation_level=None)) as held:
            held.execute("BEGIN EXCLUSIVE")
            yield
            held.execute("ROLLBACK")

    def objects(self, request, *, sound=False):
        """What Terraform's state has of a request: address → id of each object, or of the sound ones alone."""
        return {
            address: one["attributes"]["id"]
            for address, one in self._instances(request)
            if not (sound and one.get("status") == "tainted")
        }

    def stands(self, request):
        """The size at which a request stands in Terraform's state; None where nothing does."""
        found = dict(self._instances(request)).get("instance")
        return found["attributes"]["input"]["value"]["size"] if found else None

    def _instances(self, request):
        state = self.home / "states" / f"{request}.tfstate"
        return instances_in(state.read_text() if state.exists() else "")

    def freeze(self, pid):
        """Stop a process outside its transactions: SQLite's lock is the kernel's, and stays with whoever is stopped in one."""
        while True:
            os.kill(pid, signal.SIGSTOP)
            with suppress(sqlite3.OperationalError), self._writing(timeout=1):
                return
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.05)

    def afresh(self):
        """One worker, nothing held, nothing that goes wrong: however the last story ended."""
        self.calm()
        self.gates.open("*")
        self.crew.thaw()
        self.crew.be(1)

    def at_work(self):
        """Every process in a workspace: Terraform, its guard, and what they started."""
        return dict(processes_in(self.home / "workspaces"))


@contextmanager
def running_fleet(folder: Path, extra=None, of=Fleet, pace=PACE):
    """Run everything, with kinds that count.

    Args:
        folder: everything is kept here.
        extra: more environment for the controller.
        of: which fleet.
        pace: the numbers of leases and schedules.
    """
    gates, broker = Gates(folder / "gates"), Broker(folder / "broker")
    broker.start()
    own = {"REDIS_URL": broker.url, "INFRAUTOMATER_TERRAFORM": str(gates.terraform)}
    try:
        with running_stack(folder / "stack", {**pace, **own, **(extra or {})}) as stack:
            fleet = of(stack, broker, gates)
            fleet.push(catalogue(gates.count), "Rehearsals that count")
            try:
                yield fleet
            finally:
                fleet.crew.close()
                fleet.engine.dispose()
    finally:
        broker.stop()


def instances_in(state):
    """Address and instance of everything in the text of one of Terraform's states, which may be empty."""
    for each in json.loads(state)["resources"] if state else ():
        for one in each["instances"]:
            yield f"{each['name']}{one.get('index_key', '')}", one

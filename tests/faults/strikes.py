"""What goes wrong, each once: to the worker, its Terraform, the broker, the ledger, GitHub, git, the disk, the clock."""

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass

from tests.e2e.conftest import eventually
from tests.faults.fleet import LEASE
from tests.faults.processes import is_alive

GITHUB = "* /repos/*"
ALWAYS = 1_000_000


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong; what is not overridden does nothing."""

    words: str
    needs: str = "fleet"
    """The fixture of the product that it happens to."""

    def before(self, fleet):
        """Ahead of the whole story."""

    def strike(self, fleet, scene):
        """While the run is in the state."""

    def mend(self, fleet, scene):
        """Once the run may go on."""


class Killed(Fault):
    def strike(self, fleet, scene):
        pid = worker(fleet, scene)
        os.kill(pid, signal.SIGKILL)
        fleet.crew.start()


class Told(Fault):
    """To end; the drain's end comes before the run's."""

    def strike(self, fleet, scene):
        pid = worker(fleet, scene)
        os.kill(pid, signal.SIGTERM)
        fleet.crew.start()
        eventually(lambda: not is_alive(pid), 20)


class Frozen(Fault):
    """For longer than its lease, and thawed when another has the run."""

    def strike(self, fleet, scene):
        pid, run = worker(fleet, scene), fleet.newest(scene.caught)
        fleet.freeze(pid)
        fleet.crew.start()
        if run.state == "running":
            assert eventually(lambda: fleet.newest(scene.caught).id != run.id)
        else:
            time.sleep(LEASE * 1.5)
        os.kill(pid, signal.SIGCONT)


class NoTerraform(Fault):
    def strike(self, fleet, scene):
        for pid in [pid for pid, line in fleet.at_work().items() if "guard.py" not in line]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


class NoBroker(Fault):
    def strike(self, fleet, scene):
        fleet.broker.kill()
        time.sleep(LEASE)

    def mend(self, fleet, scene):
        fleet.broker.start()


class Flushed(Fault):
    def strike(self, fleet, scene):
        fleet.broker.flush()


class NoLedger(Fault):
    def strike(self, fleet, scene):
        with fleet.no_ledger():
            pass


class Deaf(Fault):
    """Nothing is delivered, from the first push on."""

    def before(self, fleet):
        fleet.faults({"kind": "drop", "times": ALWAYS})


@dataclass(frozen=True)
class Rough(Fault):
    """GitHub, in one of its ways; those of git among them."""

    ways: tuple[dict, ...] = ()

    def strike(self, fleet, scene):
        fleet.faults(*self.ways)

    def mend(self, fleet, scene):
        """Nobody else asks GitHub anything meanwhile, so that the controller meets it all."""
        eventually(lambda: fleet.newest(scene.caught).state in {"ended", "held"}, 20)
        eventually(lambda: not fleet.faults(), max(each.get("seconds", 0) for each in self.ways) + LEASE)
        fleet.calm()


class Full(Fault):
    """No byte more goes onto the disk of the controller's data."""

    def strike(self, fleet, scene):
        with fleet.full_disk():
            time.sleep(LEASE * 2)


class Jumped(Fault):
    def strike(self, fleet, scene):
        fleet.jump(3600)


def worker(fleet, scene):
    """The pid of the worker that has the run, or would have it."""
    on = [fleet.worker_of(name) for name in scene.names if fleet.newest(name).worker]
    return next((pid for pid in on if pid in fleet.crew.live()), fleet.crew.live()[0])


FAULTS = {
    "kill": Killed("its worker is killed"),
    "term": Told("its worker is told to end"),
    "freeze": Frozen("its worker is frozen and thawed"),
    "terraform": NoTerraform("its Terraform is killed"),
    "broker": NoBroker("the broker is killed"),
    "flush": Flushed("the broker is flushed"),
    "ledger": NoLedger("the ledger is away"),
    "deaf": Deaf("no delivery arrives"),
    "error": Rough("GitHub answers 500", ways=({"kind": "error", "where": GITHUB, "times": 8},)),
    "lost": Rough(
        "GitHub loses its answers", ways=({"kind": "lost_answer", "where": "POST /repos/*", "times": 3},)
    ),
    "limit": Rough("GitHub limits us", ways=({"kind": "rate_limit", "where": GITHUB, "seconds": 3},)),
    "slow": Rough("GitHub is slow", ways=({"kind": "slow", "where": GITHUB, "times": 6, "seconds": 2},)),
    "git": Rough(
        "git cannot fetch",
        ways=(
            {"kind": "error", "where": "* */git-upload-pack", "times": ALWAYS, "seconds": 4},
            {"kind": "error", "where": "* */info/refs", "times": ALWAYS},
        ),
    ),
    "disk": Full("the disk is full", needs="fleet_on_small_disk"),
    "clock": Jumped("the clock jumps an hour ahead", needs="fleet_with_clock"),
}

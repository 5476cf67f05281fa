"""Every state of a run with everything that may go wrong: which stories there are, and how one is played."""

from dataclasses import dataclass

from tests.e2e.conftest import eventually
from tests.faults.scenes import WORDS, reach
from tests.faults.strikes import FAULTS
from tests.faults.verdict import judge

OPERATIONS = ("apply", "destroy")
WITHOUT = frozenset({("waiting", "terraform"), ("settled", "terraform"), ("held", "terraform")})
"""No Terraform runs then."""


@dataclass(frozen=True)
class Case:
    """A fault that strikes a run in a state."""

    state: str
    fault: str
    operation: str

    @property
    def sentence(self):
        article = "an" if self.operation == "apply" else "a"
        return f"{FAULTS[self.fault].words} while {article} {self.operation} {WORDS[self.state]}"


def pairwise():
    """Every pair of state and fault, each with one operation, so that every pair with that is there too."""
    return [
        Case(state, fault, OPERATIONS[(row + column) % 2])
        for row, state in enumerate(WORDS)
        for column, fault in enumerate(FAULTS)
        if (state, fault) not in WITHOUT
    ]


def play(fleet, case):
    """Bring a run into the state, let the fault strike, let it go on, and judge what came of it."""
    fault = FAULTS[case.fault]
    fleet.afresh()
    fault.before(fleet)
    scene = reach(fleet, case.state, case.operation)
    fault.strike(fleet, scene)
    for name in scene.names:
        fleet.gates.open(name)
    fault.mend(fleet, scene)
    if case.state == "held":
        release(fleet, scene.caught)
    judge(fleet, scene)
    fleet.calm()


def release(fleet, name):
    """Let a held run go, as soon as the ledger takes the word."""
    assert eventually(lambda: fleet.newest(name).state == "held")
    fleet.verb("release", str(fleet.newest(name).id), "--reason", "Seen, and meant.")

"""A run on its way to each state in which something may happen to it."""

from dataclasses import dataclass

from tests.e2e.conftest import eventually, path, request
from tests.faults.catalogue import ARRIVING, FREE, KEPT, LEAVING
from tests.faults.fleet import PATIENCE

STEPS = {
    "claimed": ("init", "plan"),
    "planned": ("show",),
    "begun": ("apply",),
    "middle": ("middle",),
}
WORDS = {
    "waiting": "waits for a worker",
    "claimed": "was just claimed",
    "planned": "has made its plan",
    "begun": "is about to begin",
    "middle": "is in the middle",
    "settled": "is done and not reported",
    "held": "is held",
}
"""The states of a run, in the order in which it gets there."""

AHEAD = 6
"""So many requests are provisioned at a time, for destroys to come."""


@dataclass(frozen=True)
class Scene:
    """A run that was caught in a state: its pull, and every request of that; `stands` is what was made by then."""

    pull: object
    operation: str
    state: str
    requests: dict
    stands: dict

    @property
    def names(self):
        return tuple(self.requests)

    @property
    def caught(self):
        """The request whose run is in the state."""
        return self.names[0]


def reach(fleet, state, operation):
    """Bring a run into a state, and leave it there."""
    environment = KEPT if state == "held" else FREE
    kind = ARRIVING if operation == "apply" else LEAVING
    names = _cast(fleet, 2 if state == "waiting" else 1, operation, environment)
    files = {path(name): request(name, environment, kind) if operation == "apply" else None for name in names}
    pull = fleet.proposed_at_once(files)
    planned(fleet, pull, names)
    _catch(fleet, state, names, pull)
    requests = {name: f"{environment}.{kind}.{name}" for name in names}
    stands = {name: fleet.objects(request, sound=True) for name, request in requests.items()}
    return Scene(pull, operation, state, requests, stands)


def planned(fleet, pull, names):
    """Wait until a pull's comment shows the plan of everything that it changes."""
    told = eventually(
        lambda: fleet.headline(pull) and not fleet.headline(pull).startswith("Planning"), PATIENCE
    )
    assert told, fleet.comment(pull)
    assert all(name in fleet.comment(pull) for name in names), fleet.comment(pull)


def _catch(fleet, state, names, pull):
    if state == "held":
        fleet.merge(pull)
        return _await(fleet, lambda: fleet.newest(names[0]).state == "held", names)
    steps = STEPS.get(state) or STEPS["claimed" if state == "waiting" else "begun"]
    for name in names:
        fleet.gates.shut(name, *steps)
    fleet.merge(pull)
    _await(fleet, lambda: any(fleet.gates.reached(name, *steps) for name in names), names)
    if state == "waiting":
        _await(fleet, lambda: {fleet.newest(name).state for name in names} == {"running", "waiting"}, names)
    if state == "settled":
        fleet.faults({"kind": "slow", "where": "* */comments*", "times": 3, "seconds": 2})
        fleet.gates.open(names[0])
        _await(fleet, lambda: fleet.newest(names[0]).state == "ended", names)
    return None


def _await(fleet, look, names):
    found = eventually(lambda: all(fleet.newest(name) for name in names) and look(), PATIENCE)
    assert found, [fleet.runs_of(name) for name in names]


def _cast(fleet, number, operation, environment):
    """Names for a story: new ones, or those of requests that were provisioned to be destroyed."""
    if operation == "apply":
        return tuple(fleet.name() for _ in range(number))
    ready = fleet.ready.setdefault(environment, [])
    if len(ready) < number:
        ready += _provisioned(fleet, environment)
    return tuple(ready.pop() for _ in range(number))


def _provisioned(fleet, environment):
    names = [fleet.name() for _ in range(AHEAD)]
    pull = fleet.proposed_at_once({path(name): request(name, environment, LEAVING) for name in names})
    planned(fleet, pull, names)
    if environment == KEPT:
        fleet.approve(pull)
        fleet.reaches(pull.head.sha, "approval", "success")
    fleet.merge(pull)
    fleet.says(pull, "Done", "result", seconds=PATIENCE)
    return names

"""What must hold at the end of every story, however it went."""

import json

from tests.e2e.conftest import eventually
from tests.faults.fleet import PATIENCE

ADDRESSES = {"instance", "counted", "replica0"}


class Lost(AssertionError):
    """Something that was wanted did not happen."""


class Doubled(AssertionError):
    """Something happened twice."""


def judge(fleet, scene):
    """Wait until all is quiet, and hold what is against what is wanted.

    Raises:
        Lost: the default branch wants what is not there, or somebody was not told.
        Doubled: something was made, ended or told a second time.
    """
    _heals(fleet, scene)
    for name, request in scene.requests.items():
        _is_there_once(fleet, scene, name, request)
        _is_told_in_order(fleet, name)
    _is_told_once(fleet, scene)


def _heals(fleet, scene):
    wanted = "provisioned" if scene.operation == "apply" else "destroyed"
    for name in scene.names:
        if not eventually(lambda name=name: (fleet.request(name) or {}).get("status") == wanted, PATIENCE):
            raise Lost(f"{name} is not {wanted}: {fleet.request(name)}\n{_history(fleet, name)}")
    if not eventually(lambda: fleet.headline(scene.pull, "result").startswith("Done"), PATIENCE):
        raise Lost(f"the result is not told:\n{fleet.comments(scene.pull)}")
    if not eventually(lambda: not _open(fleet, scene), PATIENCE):
        raise Lost(f"a lease lives on: {_open(fleet, scene)}")
    if not eventually(lambda: not fleet.at_work(), PATIENCE):
        raise Lost(f"an orphan lives on: {fleet.at_work()}")


def _open(fleet, scene):
    return [run for name in scene.names for run in fleet.runs_of(name) if run.state != "ended"]


def _is_there_once(fleet, scene, name, request):
    """The objects in Terraform's state, and the book of what was made or ended, agree."""
    objects = fleet.objects(request)
    if set(objects) != (ADDRESSES if scene.operation == "apply" else set()):
        raise Lost(f"the state of {name} has {objects}")
    begun, done = fleet.gates.begun(name), fleet.gates.done(name)
    if len(done) > 1 or len(begun) > (2 if scene.state == "middle" else 1):
        raise Doubled(f"{name} was begun {len(begun)} times, and done {len(done)}: {begun} {done}")
    if len(done) != 1:
        raise Lost(f"{name} was begun {len(begun)} times, and never done: {begun}\n{_history(fleet, name)}")
    if scene.operation == "apply":
        if objects["counted"] != done[0][0]:
            raise Lost(f"{name}: {done} was made, and the state has {objects}")
        _is_kept(name, scene.stands[name], objects)


def _is_kept(name, before, after):
    """What stood when the fault struck was not made again."""
    again = {address for address, one in before.items() if after.get(address) != one}
    if again:
        raise Doubled(f"{again} of {name} had been made, and was made again: {before}, {after}")


def _is_told_in_order(fleet, name):
    """The audit trail of each run is a chain, from nothing to how it ended."""
    for run in fleet.runs_of(name):
        trail = fleet.events_of(run.id)
        at = ["", *(each.after for each in trail)]
        if [each.before for each in trail] != at[:-1] or run.state != "ended":
            raise Lost(f"the trail of run {run.id} of {name} is broken: {trail}")


def _is_told_once(fleet, scene):
    markers = [body.partition(" v1")[0].removeprefix("<!-- ") for body in fleet.comments(scene.pull)]
    for kind in ("plan", "result"):
        told = markers.count(f"infrautomater:{kind}")
        if told != 1:
            raise (Doubled if told else Lost)(f"{told} {kind} comments on the pull: {markers}")


def _history(fleet, name):
    lines = [
        f"run {run.id} {run.operation} attempt {run.attempt}: "
        + "; ".join(f"{each.before} → {each.after} ({each.why})" for each in fleet.events_of(run.id))
        for run in fleet.runs_of(name)
    ]
    outcomes = [json.dumps(run.outcome) for run in fleet.runs_of(name)]
    return "\n".join((*lines, *outcomes, str(fleet.crew.live())))

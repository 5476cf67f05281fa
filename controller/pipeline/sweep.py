"""sweep: what time alone brings: leases and turns nobody renewed, calls nobody answered, pulls that GitHub names late."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from controller.core.call import Call, check_branch, check_queue, plan_pull, reconcile, report
from controller.core.decision import Decision
from controller.errors import QueueError
from controller.pipeline.send import send
from controller.ports import Ports, RunQuery

NAMED_LATE = timedelta(minutes=2)
ASK_EVERY = 20.0
"""Seconds between two questions."""


_STORIES: Mapping[str, Callable[..., Call]] = {
    "reconcile": reconcile,
    "report": report,
    "pull": plan_pull,
    "queue": check_queue,
    "branch": check_branch,
}
"""Who is told one at a time, by the first word of their turns' names."""


def sweep(ports: Ports) -> None:
    """Give back what the dead held, send what was not sent, and ask again for pulls that GitHub may name late.

    Raises:
        QueueError: the broker did not take all calls; they wait in the ledger, for whoever reaches it.
    """
    is_heard = send(ports, ports.ledger.sweep())
    is_heard &= _tell_again(ports)
    if _misses_a_pull(ports) and ports.turns.take("ask again for pulls", ports.now().isoformat(), ASK_EVERY):
        is_heard &= send(ports, ports.ledger.commit(Decision(calls=(reconcile(),))))
    if not is_heard:
        raise QueueError("the broker does not take calls: they wait in the ledger")


def _tell_again(ports: Ports) -> bool:
    """Have the stories told whose teller died, or lost the ledger: it heard of all that came while it had its turn.

    Who is alive keeps its turn, so that one which is over and was not given back is a dead one's. Whether the broker took it.
    """
    left = ports.turns.abandoned(*_STORIES)
    if not left:
        return True
    is_heard = send(ports, ports.ledger.commit(Decision(calls=tuple(map(_call, left)))))
    for name, owner in left.items():
        ports.turns.give_back(name, owner)
    return is_heard


def _call(turn: str) -> Call:
    """The call that has a story told, by the name of its turn: `report 7`."""
    kind, _, number = turn.partition(" ")
    return _STORIES[kind](int(number)) if number else _STORIES[kind]()


def _misses_a_pull(ports: Ports) -> bool:
    """Whether a run waits, or is held, since no pull is known for it, and was opened a moment ago."""
    idle = ports.views.runs(RunQuery(states=("waiting", "held")))
    return any(view.run.pull is None and ports.now() - view.created < NAMED_LATE for view in idle)

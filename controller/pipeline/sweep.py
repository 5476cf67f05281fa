"""sweep: what time alone brings: leases nobody renewed, calls nobody answered, pulls that GitHub names late."""

from datetime import timedelta

from controller.core.call import reconcile
from controller.core.decision import Decision
from controller.pipeline.send import send
from controller.ports import Ports, RunQuery

NAMED_LATE = timedelta(minutes=2)
ASK_EVERY = 20.0
"""Seconds between two questions."""


def sweep(ports: Ports) -> None:
    """Give back what the dead held, send what was not sent, and ask again for pulls that GitHub may name late."""
    send(ports, ports.ledger.sweep())
    if _misses_a_pull(ports) and ports.turns.take("ask again for pulls", ports.now().isoformat(), ASK_EVERY):
        send(ports, ports.ledger.commit(Decision(calls=(reconcile(),))))


def _misses_a_pull(ports: Ports) -> bool:
    """Whether a run waits, or is held, since no pull is known for it, and was opened a moment ago."""
    idle = ports.views.runs(RunQuery(states=("waiting", "held")))
    return any(view.run.pull is None and ports.now() - view.created < NAMED_LATE for view in idle)

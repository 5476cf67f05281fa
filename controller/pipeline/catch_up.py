"""catch_up: nothing is changed by what the default branch wanted hours ago."""

from datetime import timedelta

from controller.pipeline.reconcile import reconcile
from controller.ports import Ports

FRESH = timedelta(minutes=15)
"""Three ticks of the schedule, as it is set by default: mostly somebody looked since, and nothing is asked of anybody."""


def catch_up(ports: Ports) -> bool:
    """Look at the default branch unless somebody did lately; whether somebody did.

    While every worker was down and the hooks were lost, it may have taken back what still waits to be applied or destroyed.
    A look ends such runs; so who is about to change something calls this first, and leaves the run alone where nobody could
    look.

    Raises:
        GitError: the repository cannot be fetched.
        GitHubError: GitHub cannot be asked.
    """
    if _is_fresh(ports):
        return True
    reconcile(ports)
    return _is_fresh(ports)


def _is_fresh(ports: Ports) -> bool:
    looked = ports.views.looked()
    return looked is not None and ports.now() - looked < FRESH

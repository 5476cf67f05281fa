"""redeliver: deliveries that nobody here took are asked for again, where we may see them."""

from datetime import timedelta

from controller.core.redelivery import KEPT, due
from controller.errors import GitHubNotFound, GitHubRefused
from controller.ports import Ports

EVERY = timedelta(minutes=3)


def redeliver(ports: Ports) -> None:
    """Ask GitHub for another attempt at what failed; it comes under its old GUID, and so is recorded once.

    What is not asked for again is found by the next reconcile all the same.

    Raises:
        GitHubRefused: our account may not see the webhook's deliveries, and need not.
    """
    now = ports.now()
    try:
        attempts = ports.github.failed_deliveries(now - KEPT)
        for attempt in due(attempts, now):
            ports.github.redeliver(attempt.id)
    except (GitHubRefused, GitHubNotFound) as error:
        raise GitHubRefused(
            f"failed deliveries are not asked for again, since the webhook's may not be seen ({error}): the next reconcile "
            "finds what they would have told; docs/operating.md says what an account needs for it"
        ) from error

"""The webhook's deliveries: an App sees its own, an account those of a repository's hook.

https://docs.github.com/en/rest/apps/webhooks and https://docs.github.com/en/rest/repos/webhooks
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from pydantic import BaseModel

from controller.core.redelivery import Attempt
from controller.edge.github.client import Client
from controller.errors import GitHubNotFound

OF_APP = "/app/hook"
LISTENS = "/webhooks/github"


class _Config(BaseModel):
    url: str = ""


class _Hook(BaseModel):
    id: int
    config: _Config


class _Attempt(BaseModel):
    id: int
    guid: str
    delivered_at: datetime
    status_code: int

    def noun(self) -> Attempt:
        return Attempt(self.id, self.guid, self.delivered_at, self.status_code)


def find_hook(client: Client, repository: str) -> str:
    """The path of the repository's webhook that leads to us, by whatever name we are known outside.

    Args:
        client: The way to GitHub.
        repository: The path `/repos/owner/name`.

    Raises:
        GitHubNotFound: There is none such, or we may not see it.
        GitHubError: GitHub cannot be asked.
    """
    for hook in client.pages(_Hook, f"{repository}/hooks"):
        if hook.config.url.endswith(LISTENS):
            return f"{repository}/hooks/{hook.id}"
    raise GitHubNotFound(f"no webhook of the repository ends in {LISTENS}")


def failed_deliveries(client: Client, hook: str, since: datetime) -> tuple[Attempt, ...]:
    """Every attempt at the deliveries of which one failed since then, newest first.

    Where none failed, which is the rule, that is one question. Else all are listed back to the oldest that failed, for only
    so is it known what came of the others.
    """
    failed = tuple(_until(client.pages(_Attempt, f"{hook}/deliveries", {"status": "failure"}), since))
    failed = tuple(attempt for attempt in failed if attempt.failed)
    if not failed:
        return ()
    concerned = {attempt.guid for attempt in failed}
    oldest = min(attempt.at for attempt in failed)
    everything = _until(client.pages(_Attempt, f"{hook}/deliveries"), oldest)
    return tuple(attempt for attempt in everything if attempt.guid in concerned)


def redeliver(client: Client, hook: str, attempt: int) -> None:
    """Ask for another attempt, under the same GUID."""
    client.write("POST", f"{hook}/deliveries/{attempt}/attempts")


def _until(listed: Iterable[_Attempt], since: datetime) -> Iterator[Attempt]:
    """What a list that is newest first has until then; no page is asked for that is older."""
    for one in listed:
        if one.delivered_at < since:
            return
        yield one.noun()

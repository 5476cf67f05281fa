"""What an App is always told: https://docs.github.com/webhooks/webhook-events-and-payloads#installation."""

from collections.abc import Iterable

from controller.sandbox.forge import Forge, covers
from controller.sandbox.nouns import Installation, Repository, User
from controller.sandbox.render import apps
from controller.sandbox.render.users import Json, node_id, simple_user
from controller.sandbox.view import View
from controller.sandbox.webhooks.posting import post


def installation(forge: Forge, found: Installation, sender: User, action: str) -> None:
    """Deliver `installation`: `created`, `deleted`, `suspend` or `unsuspend`."""
    reached = [_short(one) for one in forge.repositories.all() if covers(found, one)]
    extra = {"requester": None} if action == "created" else {}
    _tell(forge, found, sender, "installation", {"action": action, "repositories": reached, **extra})


def installation_repositories(
    forge: Forge,
    found: Installation,
    sender: User,
    *,
    added: Iterable[Repository] = (),
    removed: Iterable[Repository] = (),
) -> None:
    """Deliver `installation_repositories`: `added` or `removed`."""
    payload = {
        "action": "added" if added else "removed",
        "repository_selection": found.repository_selection,
        "repositories_added": [_short(one) for one in added],
        "repositories_removed": [_short(one) for one in removed],
        "requester": None,
    }
    _tell(forge, found, sender, "installation_repositories", payload)


def _tell(forge: Forge, found: Installation, sender: User, event: str, payload: Json) -> None:
    view = View(forge, f"{forge.url}/api/v3", forge.url)
    hooks = [hook for hook in forge.hooks.of(found.app) if hook.active]
    whole = {
        **payload,
        "installation": apps.installation(view, found),
        "sender": simple_user(view, sender),
    }
    post(forge, hooks, event, whole, installation=found)


def _short(found: Repository) -> Json:
    return {
        "id": found.id,
        "node_id": node_id("R", found.id),
        "name": found.name,
        "full_name": found.full_name,
        "private": True,
    }

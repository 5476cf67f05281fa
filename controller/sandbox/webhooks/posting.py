"""What is put on its way to hooks: one event, as each hook's owner is told of it."""

import json
import uuid
from collections.abc import Iterable, Mapping

from controller.sandbox.faults import DELIVERIES, Fault
from controller.sandbox.forge import Forge
from controller.sandbox.nouns import Delivery, Hook, Installation, Repository
from controller.sandbox.render.users import Json, node_id

SENT: Mapping[str, tuple[str, ...]] = {
    "commit_comment": ("created",),
    "create": (),
    "delete": (),
    "fork": (),
    "installation": ("created", "deleted", "suspend", "unsuspend"),
    "installation_repositories": ("added", "removed"),
    "issue_comment": ("created", "edited", "deleted"),
    "merge_group": ("checks_requested", "destroyed"),
    "ping": (),
    "pull_request": (
        "opened", "edited", "closed", "reopened", "synchronize", "converted_to_draft", "ready_for_review",
        "labeled", "unlabeled", "review_requested", "review_request_removed", "enqueued", "dequeued", "locked",
        "unlocked",
    ),
    "pull_request_review": ("submitted", "edited", "dismissed"),
    "pull_request_review_comment": ("created", "edited", "deleted"),
    "push": (),
    "status": (),
}  # fmt: skip
"""Every event that is ever put on its way, with its actions if it has any."""


def post(
    forge: Forge,
    hooks: Iterable[Hook],
    event: str,
    payload: Json,
    repository: Repository | None = None,
    installation: Installation | None = None,
) -> None:
    """Deliver an event to hooks, under one GUID; an App is also told through which installation it hears of it.

    Args:
        forge: The state.
        hooks: To whom.
        event: The event's name.
        payload: What is delivered.
        repository: Where it happened, unless it was in no repository.
        installation: What it happened to, unless that follows from the repository.
    """
    guid, told = str(uuid.uuid1()), list(hooks)
    fault = _fault(forge, event, payload) if told else None
    for hook in told:
        through = installation or _through(forge, hook, repository)
        said = {"installation": {"id": through.id, "node_id": node_id("MI", through.id)}} if through else {}
        forge.deliver(
            hook,
            Delivery(
                hook=hook.id,
                repository=repository.id if repository else None,
                installation=through.id if through else None,
                guid=guid,
                event=event,
                action=payload.get("action"),
                url=hook.url,
                payload=json.dumps(said | payload, separators=(",", ":")),
            ),
            fault,
        )


def _fault(forge: Forge, event: str, payload: Json) -> Fault | None:
    # A ping is how somebody finds out whether a hook works, and nothing that happens.
    name = ".".join(filter(None, (event, payload.get("action"))))
    return None if event == "ping" else forge.faults.take(DELIVERIES, name)


def _through(forge: Forge, hook: Hook, repository: Repository | None) -> Installation | None:
    found = forge.installations_on(repository) if repository else []
    return next((one for one in found if one.app == hook.target), None)

"""What is put on its way to hooks: one event, as each hook's owner is told of it."""

import json
import uuid
from collections.abc import Iterable

from controller.sandbox.forge import Forge
from controller.sandbox.nouns import Delivery, Hook, Installation, Repository
from controller.sandbox.render.users import Json, node_id


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
    guid = str(uuid.uuid1())
    for hook in hooks:
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
        )


def _through(forge: Forge, hook: Hook, repository: Repository | None) -> Installation | None:
    found = forge.installations_on(repository) if repository else []
    return next((one for one in found if one.app == hook.target), None)

"""Webhooks of a repository: https://docs.github.com/rest/repos/webhooks."""

from dataclasses import replace

from controller.sandbox.errors import invalid, not_found
from controller.sandbox.forge import now
from controller.sandbox.nouns import Hook, Repository
from controller.sandbox.render.hooks import config, full_delivery, hook
from controller.sandbox.rest import deliveries
from controller.sandbox.rest.answers import Answer, created, nothing, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import REPO, endpoints
from controller.sandbox.rest.fields import strings, typed
from controller.sandbox.rest.hook_config import configured
from controller.sandbox.webhooks import events


def list_hooks(call: Call) -> Answer:
    """A repository's webhooks."""
    return call.listed(call.forge.hooks.of(_repository(call).id), lambda one: hook(call.view, one))


def create_hook(call: Call) -> Answer:
    """Make a webhook and ping it.

    Raises:
        RefusedError: 422, the address is missing or none, or there is such a hook.
    """
    repository = _repository(call)
    if (call.opt("name", str) or "web") != "web":
        raise invalid("Hook", "name must be web", "name", "invalid")
    blank = Hook(
        target=repository.id, url="", content_type="form", secret=None, insecure_ssl=False, events=("push",),
        active=True, created_at=now(), updated_at=now(),
    )  # fmt: skip
    wished = configured(_edited(call, blank), typed("config", call.json().get("config"), dict) or {})
    if any(
        one.url == wished.url and one.events == wished.events for one in call.forge.hooks.of(repository.id)
    ):
        raise invalid("Hook", "Hook already exists on this repository")
    made = call.forge.hooks.add(wished)
    if made.active:
        events.ping(call.forge, made, call.user)
    return created(hook(call.view, made))


def get_hook(call: Call) -> Answer:
    """A webhook."""
    return ok(hook(call.view, _hook(call)))


def update_hook(call: Call) -> Answer:
    """Change a webhook; a `config` that is given replaces the old one, its secret included."""
    edited, given = _edited(call, _hook(call)), typed("config", call.json().get("config"), dict)
    if given is not None:
        edited = configured(replace(edited, secret=None, insecure_ssl=False), given)
    return ok(hook(call.view, call.forge.hooks.put(replace(edited, updated_at=now()))))


def get_config(call: Call) -> Answer:
    """Where and how a webhook delivers."""
    return ok(config(_hook(call)))


def update_config(call: Call) -> Answer:
    """Change single values of a webhook's configuration."""
    edited = replace(configured(_hook(call), call.json()), updated_at=now())
    return ok(config(call.forge.hooks.put(edited)))


def delete_hook(call: Call) -> Answer:
    """Delete a webhook and the record of its deliveries."""
    found = _hook(call)
    for past in call.forge.deliveries.of(found.id):
        call.forge.deliveries.drop(past)
    call.forge.hooks.drop(found)
    return nothing()


def ping_hook(call: Call) -> Answer:
    """Deliver `ping`."""
    events.ping(call.forge, _hook(call), call.user)
    return nothing()


def list_deliveries(call: Call) -> Answer:
    """A webhook's deliveries, newest first."""
    return deliveries.listed(call, _hook(call))


def get_delivery(call: Call) -> Answer:
    """A delivery with what was sent and what was answered."""
    return ok(full_delivery(deliveries.found(call, _hook(call))))


def redeliver(call: Call) -> Answer:
    """Deliver again, under the same GUID: https://docs.github.com/rest/repos/webhooks#redeliver-a-delivery-for-a-repository-webhook."""
    found = _hook(call)
    return deliveries.again(call, found, deliveries.found(call, found))


def _repository(call: Call) -> Repository:
    repository = call.repository()
    # To those who may not see webhooks there are none.
    if not call.may(repository, "admin"):
        raise not_found()
    return repository


def _hook(call: Call) -> Hook:
    repository, found = _repository(call), call.forge.hooks.get(call.number("hook_id"))
    if found is None or found.target != repository.id:
        raise not_found()
    return found


def _edited(call: Call, found: Hook) -> Hook:
    body, active = call.json(), call.opt("active", bool)
    wanted = strings("events", body.get("events")) or found.events
    added, removed = (strings(name, body.get(name)) for name in ("add_events", "remove_events"))
    kept = tuple(dict.fromkeys(event for event in (*wanted, *added) if event not in removed))
    return replace(found, events=kept, active=found.active if active is None else active)


ENDPOINTS = endpoints(
    REPO + "/hooks",
    "repos/webhooks",
    ("repository_hooks",),
    ("GET ", list_hooks),
    ("POST ", create_hook),
    ("GET /{hook_id}", get_hook),
    ("PATCH /{hook_id}", update_hook),
    ("DELETE /{hook_id}", delete_hook),
    ("GET /{hook_id}/config", get_config),
    ("PATCH /{hook_id}/config", update_config),
    ("POST /{hook_id}/pings", ping_hook),
    ("GET /{hook_id}/deliveries", list_deliveries),
    ("GET /{hook_id}/deliveries/{delivery_id}", get_delivery),
    ("POST /{hook_id}/deliveries/{delivery_id}/attempts", redeliver),
)

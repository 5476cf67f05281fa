"""Apps and their webhooks: https://docs.github.com/rest/apps/apps and https://docs.github.com/rest/apps/webhooks."""

from dataclasses import replace

from controller.sandbox.errors import not_found
from controller.sandbox.forge import now
from controller.sandbox.nouns import Delivery, Hook
from controller.sandbox.render.apps import app, hook_of
from controller.sandbox.render.hooks import config, full_delivery
from controller.sandbox.rest import deliveries
from controller.sandbox.rest.answers import Answer, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import endpoints
from controller.sandbox.rest.hook_config import configured


def get_authenticated(call: Call) -> Answer:
    """The App that asks."""
    return ok(app(call.view, call.app))


def get_app(call: Call) -> Answer:
    """An App by its slug."""
    found = call.forge.apps.find(call.path["app_slug"].lower())
    if found is None:
        raise not_found()
    return ok(app(call.view, found))


def get_hook_config(call: Call) -> Answer:
    """Where and how an App's webhook delivers."""
    return ok(config(_hook(call)))


def update_hook_config(call: Call) -> Answer:
    """Change single values of it; a webhook that has an address delivers."""
    changed = replace(configured(_hook(call), call.json()), active=True, updated_at=now())
    return ok(config(call.forge.hooks.put(changed)))


def list_hook_deliveries(call: Call) -> Answer:
    """What was delivered to an App, newest first."""
    return deliveries.listed(call, _hook(call))


def get_hook_delivery(call: Call) -> Answer:
    """A delivery with what was sent and what was answered."""
    return ok(full_delivery(_delivery(call)))


def redeliver(call: Call) -> Answer:
    """Deliver again, under the same GUID."""
    return deliveries.again(call, _hook(call), _delivery(call))


def _hook(call: Call) -> Hook:
    return hook_of(call.view, call.app.id)


def _delivery(call: Call) -> Delivery:
    return deliveries.found(call, _hook(call))


ENDPOINTS = (
    *endpoints(
        "/app",
        "apps/apps",
        "app",
        ("GET ", get_authenticated),
    ),
    *endpoints(
        "/apps/{app_slug}",
        "apps/apps",
        (),
        ("GET ", get_app),
    ),
    *endpoints(
        "/app/hook",
        "apps/webhooks",
        "app",
        ("GET /config", get_hook_config),
        ("PATCH /config", update_hook_config),
        ("GET /deliveries", list_hook_deliveries),
        ("GET /deliveries/{delivery_id}", get_hook_delivery),
        ("POST /deliveries/{delivery_id}/attempts", redeliver),
    ),
)

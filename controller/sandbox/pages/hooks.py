"""Webhooks and their deliveries, for admins: https://docs.github.com/webhooks/testing-and-troubleshooting-webhooks/viewing-webhook-deliveries.

GitHub shows an App's deliveries among the settings of whoever owns it; here they stand beside the repository's.
"""

import json
from dataclasses import dataclass

from starlette.responses import Response

from controller.sandbox.errors import not_found
from controller.sandbox.nouns import App, Delivery, Hook
from controller.sandbox.pages.acting import act, act_as, go
from controller.sandbox.pages.page import in_repository
from controller.sandbox.pages.visit import Visit
from controller.sandbox.render.hooks import HTTP_OK, full_delivery
from controller.sandbox.rest import apps, hooks

_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Listener:
    """A webhook of the repository, or that of an App on it; `last` is its newest delivery."""

    hook: Hook
    app: App | None
    last: Delivery | None


def listing(visit: Visit) -> Response:
    """The webhooks."""
    return in_repository(visit, "hooks.html.j2", "settings", listeners=_listeners(visit), fine=HTTP_OK)


def hook(visit: Visit) -> Response:
    """A webhook with its recent deliveries, newest first."""
    found = _listener(visit)
    past = visit.forge.deliveries.of(found.hook.id)[::-1]
    start = (visit.page() - 1) * _PER_PAGE
    return in_repository(
        visit,
        "hook.html.j2",
        "settings",
        app=found.app,
        hook=found.hook,
        deliveries=past[start : start + _PER_PAGE],
        fine=HTTP_OK,
        page=visit.page(),
        more=len(past) > start + _PER_PAGE,
    )


def delivery(visit: Visit) -> Response:
    """A delivery: what was sent, and what was answered."""
    found = visit.forge.deliveries.get(int(visit.path["delivery_id"]))
    hook_id = _listener(visit).hook.id
    if found is None or found.hook != hook_id:
        raise not_found()
    shown = full_delivery(found)
    payload = json.dumps(shown["request"]["payload"], indent=2, ensure_ascii=False)
    values = {"delivery": shown, "payload": payload, "hook_id": hook_id, "fine": HTTP_OK}
    return in_repository(visit, "delivery.html.j2", "settings", **values)


def redeliver(visit: Visit) -> Response:
    """Deliver again; what an App heard, the App asks for."""
    app = _listener(visit).app
    if app:
        act_as(visit, app, apps.redeliver)
    else:
        act(visit, hooks.redeliver)
    return go(visit.to("settings/hooks", visit.path["hook_id"]))


def ping(visit: Visit) -> Response:
    """Deliver a ping."""
    act(visit, hooks.ping_hook)
    return go(visit.to("settings/hooks", visit.path["hook_id"]))


def _listeners(visit: Visit) -> list[Listener]:
    if not visit.may("admin"):
        raise not_found()
    repository, forge = visit.repository(), visit.forge
    owners = [None, *(forge.apps.get(one.app) for one in forge.installations_on(repository))]
    found = [
        (app, one) for app in owners for one in forge.hooks.of(app.id if app else repository.id) if one.url
    ]
    return [Listener(one, app, next(reversed(forge.deliveries.of(one.id)), None)) for app, one in found]


def _listener(visit: Visit) -> Listener:
    wanted = int(visit.path["hook_id"])
    found = next((one for one in _listeners(visit) if one.hook.id == wanted), None)
    if found is None:
        raise not_found()
    return found

"""Webhooks and their deliveries as GitHub shows them: https://docs.github.com/rest/repos/webhooks."""

import json

from controller.sandbox.nouns import Delivery, Hook
from controller.sandbox.render.repositories import repository_url
from controller.sandbox.render.users import Json
from controller.sandbox.view import View

HTTP_OK = range(200, 300)


def hook(view: View, found: Hook) -> Json:
    """A repository's webhook; its secret is never shown."""
    url = f"{repository_url(view, view.forge.repository(found.target))}/hooks/{found.id}"
    return {
        "type": "Repository",
        "id": found.id,
        "name": "web",
        "active": found.active,
        "events": list(found.events),
        "config": config(found),
        "updated_at": found.updated_at,
        "created_at": found.created_at,
        "url": url,
        "test_url": f"{url}/test",
        "ping_url": f"{url}/pings",
        "deliveries_url": f"{url}/deliveries",
        "last_response": _last_response(view, found),
    }


def config(found: Hook) -> Json:
    """Where and how a webhook delivers."""
    shown = {
        "content_type": found.content_type,
        "insecure_ssl": str(int(found.insecure_ssl)),
        "url": found.url,
    }
    return {**shown, "secret": "********"} if found.secret else shown


def delivery(found: Delivery) -> Json:
    """A delivery in the form that lists hold."""
    return {
        "id": found.id,
        "guid": found.guid,
        "delivered_at": found.delivered_at,
        "redelivery": found.redelivery,
        "duration": found.duration,
        "status": found.status,
        "status_code": found.status_code,
        "event": found.event,
        "action": found.action,
        "installation_id": found.installation,
        "repository_id": found.repository,
        "throttled_at": None,
    }


def full_delivery(found: Delivery) -> Json:
    """A delivery with what was sent and what was answered."""
    return {
        **delivery(found),
        "url": found.url,
        "request": {"headers": found.request_headers, "payload": json.loads(found.payload)},
        "response": {"headers": found.response_headers, "payload": found.response_body},
    }


def _last_response(view: View, found: Hook) -> Json:
    last = next(reversed(view.forge.deliveries.of(found.id)), None)
    if last is None:
        return {"code": None, "status": "unused", "message": None}
    kind = "active" if last.status_code in HTTP_OK else "misconfigured" if last.status_code else "timeout"
    return {"code": last.status_code or None, "status": kind, "message": last.status}

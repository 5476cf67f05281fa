"""The deliveries of any webhook: https://docs.github.com/rest/repos/webhooks and https://docs.github.com/rest/apps/webhooks."""

from dataclasses import replace

from controller.sandbox.errors import not_found
from controller.sandbox.nouns import Delivery, Hook
from controller.sandbox.render.hooks import HTTP_OK, delivery
from controller.sandbox.rest import paging
from controller.sandbox.rest.answers import Answer
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.fields import natural, one_of

_CURSOR = "v1_"
_STATUSES = {"success", "failure"}


def listed(call: Call, hook: Hook) -> Answer:
    """A page of deliveries, newest first, from `cursor` on; `status` narrows them to `success` or `failure`."""
    status, cursor = call.query.get("status"), call.query.get("cursor", "")
    before = natural(cursor.removeprefix(_CURSOR))
    if status is not None:
        one_of("status", status, sorted(_STATUSES))
    found = [
        one
        for one in reversed(call.forge.deliveries.of(hook.id))
        if (before is None or one.id < before) and status in (None, _outcome(one))
    ]
    size = paging.size(call.query)
    page, following = found[:size], found[size:]
    more = _next(call, page[-1]) if following else {}
    return Answer(200, [delivery(one) for one in page], more)


def found(call: Call, hook: Hook) -> Delivery:
    """The delivery in the path.

    Raises:
        RefusedError: 404, the hook has none such.
    """
    one = call.forge.deliveries.get(call.number("delivery_id"))
    if one is None or one.hook != hook.id:
        raise not_found()
    return one


def again(call: Call, hook: Hook, past: Delivery) -> Answer:
    """Deliver again, under the same GUID."""
    blank = replace(past, id=0, redelivery=True, status="pending", status_code=0, response_headers={})
    call.forge.deliver(hook, replace(blank, response_body=""), None)
    return Answer(202, {})


def _next(call: Call, last: Delivery) -> dict[str, str]:
    return {"Link": f'<{paging.address(call.url, call.query, cursor=f"{_CURSOR}{last.id}")}>; rel="next"'}


def _outcome(one: Delivery) -> str:
    return "success" if one.status_code in HTTP_OK else "failure"

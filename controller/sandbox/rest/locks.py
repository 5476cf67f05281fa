"""Locked conversations: https://docs.github.com/rest/issues/issues#lock-an-issue."""

from dataclasses import replace

from controller.sandbox.forge import now
from controller.sandbox.nouns import Pull
from controller.sandbox.rest.answers import Answer, nothing
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import ISSUE, endpoints
from controller.sandbox.rest.fields import one_of
from controller.sandbox.webhooks import events

_REASONS = ("off-topic", "too heated", "resolved", "spam")


def lock(call: Call) -> Answer:
    """Let only those comment who may push."""
    pull, reason = call.pull("write"), call.opt("lock_reason", str)
    if reason is not None:
        one_of("lock_reason", reason, _REASONS)
    _set(call, pull, locked=True, reason=reason)
    return nothing()


def unlock(call: Call) -> Answer:
    """Let everybody comment who may read."""
    _set(call, call.pull("write"), locked=False, reason=None)
    return nothing()


def _set(call: Call, pull: Pull, *, locked: bool, reason: str | None) -> None:
    changed = call.forge.pulls.put(replace(pull, locked=locked, lock_reason=reason, updated_at=now()))
    if pull.locked != locked:
        events.pull_request(call.forge, changed, call.user, "locked" if locked else "unlocked")


ENDPOINTS = endpoints(
    ISSUE,
    "issues/issues",
    ("issues", "pull_requests"),
    ("PUT /lock", lock),
    ("DELETE /lock", unlock),
)

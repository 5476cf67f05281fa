"""Event: what a delivery means to us."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from controller.core.call import Call, check_queue, command, plan_pull, reconcile, report
from controller.core.command import OURS, read_commands
from controller.core.delivery import Delivery
from controller.errors import MalformedDelivery

_PLANNING = frozenset(
    {"opened", "reopened", "synchronize", "ready_for_review", "converted_to_draft", "edited"}
)


@dataclass(frozen=True)
class PullChanged:
    """A pull is there, or is not what it was."""

    number: int


@dataclass(frozen=True)
class PullClosed:
    """A pull was merged or closed."""

    number: int
    merged: bool


@dataclass(frozen=True)
class Reviewed:
    """A review was given or taken back, on a merged pull even."""

    number: int
    merged: bool = False


@dataclass(frozen=True)
class Commented:
    """Somebody asks for something under a pull."""

    comment: int


@dataclass(frozen=True)
class ChecksRequested:
    """The default branch's merge queue waits for a commit's statuses."""


@dataclass(frozen=True)
class DefaultBranchMoved:
    """The default branch has another tip."""


@dataclass(frozen=True)
class Ignored:
    """Nothing for us, and why."""

    why: str


Event = PullChanged | PullClosed | Reviewed | Commented | ChecksRequested | DefaultBranchMoved | Ignored


def read_event(delivery: Delivery) -> Event:
    """What a delivery means (https://docs.github.com/en/webhooks/webhook-events-and-payloads).

    Raises:
        MalformedDelivery: the payload lacks what its event always has.
    """
    reader = _READERS.get(delivery.event)
    if reader is None:
        return Ignored(f"`{delivery.event}` events change nothing here")
    try:
        return reader(delivery)
    except (KeyError, TypeError) as error:
        raise MalformedDelivery(f"a `{delivery.event}` payload without {error}") from error


def wake_up(event: Event) -> Call | None:
    """Who must be woken by an event."""
    match event:
        case PullChanged(number) | PullClosed(number, merged=False):
            return plan_pull(number)
        case PullClosed() | DefaultBranchMoved() | Reviewed(merged=True):
            return reconcile()
        case Reviewed(number):
            return report(number)
        case Commented(comment):
            return command(comment)
        case ChecksRequested():
            return check_queue()
        case Ignored():
            return None


def _pull_event(delivery: Delivery) -> Event:
    number = _number(delivery)
    if delivery.action == "closed":
        return PullClosed(number, bool(delivery.payload["pull_request"]["merged"]))
    if delivery.action in _PLANNING:
        return PullChanged(number)
    return Ignored(f"`{delivery.action}` of a pull changes nothing here")


def _comment_event(delivery: Delivery) -> Event:
    """Only a new comment asks for anything: whoever may write here may edit those of others."""
    number = _positive(delivery.payload["comment"]["id"], "a comment's id")
    if delivery.action != "created":
        return Ignored(f"`{delivery.action}` of a comment changes nothing here")
    if "pull_request" not in delivery.payload["issue"]:
        return Ignored("a comment on an issue that is no pull")
    return _asked(number, delivery.payload["comment"]["body"] or "")


def _asked(number: int, body: Any) -> Event:
    if not isinstance(body, str):
        raise TypeError("a comment's text")
    if body.startswith(OURS):
        return Ignored("a comment of our own")
    return Commented(number) if read_commands(body) else Ignored("a comment without a command")


def _queue_event(delivery: Delivery) -> Event:
    if delivery.action != "checks_requested":
        return Ignored(f"`{delivery.action}` of a merge queue's commit changes nothing here")
    return _of_default_branch(delivery, delivery.payload["merge_group"]["base_ref"], ChecksRequested())


def _push_event(delivery: Delivery) -> Event:
    return _of_default_branch(delivery, delivery.payload["ref"], DefaultBranchMoved())


def _of_default_branch(delivery: Delivery, ref: Any, event: Event) -> Event:
    branch = delivery.payload["repository"]["default_branch"]
    return event if ref == f"refs/heads/{branch}" else Ignored(f"`{ref}` is not the default branch")


def _number(delivery: Delivery) -> int:
    return _positive(delivery.payload["pull_request"]["number"], "a pull's number")


def _is_merged(delivery: Delivery) -> bool:
    """Of a pull in the short form, which has no `merged`."""
    return bool(delivery.payload["pull_request"].get("merged_at"))


def _positive(number: Any, what: str) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**53:
        raise TypeError(what)
    return number


_READERS: Mapping[str, Callable[[Delivery], Event]] = {
    "pull_request": _pull_event,
    "pull_request_review": lambda delivery: Reviewed(_number(delivery), _is_merged(delivery)),
    "issue_comment": _comment_event,
    "merge_group": _queue_event,
    "push": _push_event,
    "ping": lambda _delivery: Ignored("a ping: the hook works"),
}

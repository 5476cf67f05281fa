"""Event: what a delivery means to us."""

from dataclasses import dataclass

from controller.core.call import Call, plan_pull, reconcile, report
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
    """A review was given or taken back."""

    number: int


@dataclass(frozen=True)
class DefaultBranchMoved:
    """The default branch has another tip."""


@dataclass(frozen=True)
class Ignored:
    """Nothing for us, and why."""

    why: str


Event = PullChanged | PullClosed | Reviewed | DefaultBranchMoved | Ignored


def read_event(delivery: Delivery) -> Event:
    """What a delivery means (https://docs.github.com/en/webhooks/webhook-events-and-payloads).

    Raises:
        MalformedDelivery: the payload lacks what its event always has.
    """
    try:
        match delivery.event:
            case "pull_request":
                return _pull_event(delivery)
            case "pull_request_review":
                return Reviewed(_number(delivery))
            case "push":
                return _push_event(delivery)
            case "ping":
                return Ignored("a ping: the hook works")
            case other:
                return Ignored(f"`{other}` events change nothing here")
    except (KeyError, TypeError) as error:
        raise MalformedDelivery(f"a `{delivery.event}` payload without {error}") from error


def wake_up(event: Event) -> Call | None:
    """Who must be woken by an event."""
    match event:
        case PullChanged(number):
            return plan_pull(number)
        case PullClosed(number, merged):
            return reconcile() if merged else plan_pull(number)
        case Reviewed(number):
            return report(number)
        case DefaultBranchMoved():
            return reconcile()
        case Ignored():
            return None


def _pull_event(delivery: Delivery) -> Event:
    number = _number(delivery)
    if delivery.action == "closed":
        return PullClosed(number, bool(delivery.payload["pull_request"]["merged"]))
    if delivery.action in _PLANNING:
        return PullChanged(number)
    return Ignored(f"`{delivery.action}` of a pull changes nothing here")


def _push_event(delivery: Delivery) -> Event:
    branch = delivery.payload["repository"]["default_branch"]
    if delivery.payload["ref"] == f"refs/heads/{branch}":
        return DefaultBranchMoved()
    return Ignored(f"`{delivery.payload['ref']}` is not the default branch")


def _number(delivery: Delivery) -> int:
    number = delivery.payload["pull_request"]["number"]
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**53:
        raise TypeError("a pull's number")
    return number

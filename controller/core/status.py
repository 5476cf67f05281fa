"""Status: what a request's runs mean to whoever asked for it, in one word."""

from enum import StrEnum

from controller.core.change import Standing
from controller.core.environment import Mode
from controller.core.outcome import Applied, Destroyed, Failed, Interrupted, Outcome, Planned
from controller.core.run import Ended, Held, Run, Running, Waiting


class RequestStatus(StrEnum):
    """How far a request has come; `rejected` and `pending` are said of one that only an open pull knows."""

    REJECTED = "rejected"
    PENDING = "pending"
    APPROVED = "approved"
    PLANNED = "planned"
    PROVISIONING = "provisioning"
    PROVISIONED = "provisioned"
    FAILED = "failed"
    HELD = "held"
    DESTROYING = "destroying"
    DESTROYED = "destroyed"


def status(
    latest: Run | None, standing: Standing | None, proposed: RequestStatus | None = None
) -> RequestStatus | None:
    """A request's status.

    Args:
        latest: its newest apply or destroy that was neither superseded nor withdrawn.
        standing: what it stands at, None where nothing was ever begun, or all was destroyed.
        proposed: `pending` or `rejected` where an open pull asks for it.

    Returns:
        None where nobody asks for it and nothing is there.
    """
    said = _of_run(latest) if latest is not None and not latest.operation.only_plans else None
    if said is RequestStatus.DESTROYED and proposed is not None:
        return proposed
    return said or _of_standing(standing) or proposed


def _of_run(run: Run) -> RequestStatus | None:
    match run.state:
        case Waiting():
            return RequestStatus.APPROVED
        case Running():
            return _under_way(run)
        case Held():
            return RequestStatus.HELD
        case Ended(outcome):
            return _of_outcome(outcome)


def _under_way(run: Run) -> RequestStatus:
    if run.mode is Mode.PLAN_ONLY:
        return RequestStatus.APPROVED
    return RequestStatus.DESTROYING if run.operation.destroys else RequestStatus.PROVISIONING


def _of_outcome(outcome: Outcome) -> RequestStatus | None:
    match outcome:
        case Applied():
            return RequestStatus.PROVISIONED
        case Destroyed():
            return RequestStatus.DESTROYED
        case Planned():
            return RequestStatus.PLANNED
        case Failed() | Interrupted():
            return RequestStatus.FAILED
        case _:
            return None


def _of_standing(standing: Standing | None) -> RequestStatus | None:
    if standing is None:
        return None
    return RequestStatus.FAILED if standing.digest is None else RequestStatus.PROVISIONED

"""Call: a wake-up call, which tells a worker where to look and nothing else."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from controller.core.identity import RequestId
from controller.core.run import Operation

FIRST_REMINDER = timedelta(seconds=30)
"""How long a waiting run may hear nothing of the call that was to start it."""

_REMINDER = timedelta(seconds=60)
_LAST_REMINDER = timedelta(minutes=15)


class Actor(StrEnum):
    """The actors, by the names that messages carry."""

    PLAN_PULL = "plan_pull"
    RECONCILE = "reconcile"
    EXECUTE = "execute"
    REPORT = "report"
    REPORT_COMMIT = "report_commit"
    COMMAND = "command"
    CHECK_QUEUE = "check_queue"
    CHECK_BRANCH = "check_branch"


@dataclass(frozen=True)
class Call:
    """One wake-up call; `argument` is a pull's, a run's or a comment's number, `id` is the ledger's own once it is recorded."""

    actor: Actor
    queue: str
    argument: int | None = None
    id: int | None = None


def plan_pull(number: int) -> Call:
    """Look what the pull would change."""
    return Call(Actor.PLAN_PULL, "pull", number)


def reconcile() -> Call:
    """Look whether the default branch is what stands."""
    return Call(Actor.RECONCILE, "reconcile")


def execute(run: int, operation: Operation, request: RequestId) -> Call:
    """Carry the run out, on a worker that serves its environment."""
    kind_of_work = "plan" if operation.only_plans else "apply"
    return Call(Actor.EXECUTE, f"{kind_of_work}.{request.environment}", run)


def report(number: int) -> Call:
    """Say on the pull what the ledger knows."""
    return Call(Actor.REPORT, "report", number)


def report_commit(run: int) -> Call:
    """Say on the run's commit what the ledger knows, since no pull brought it."""
    return Call(Actor.REPORT_COMMIT, "report", run)


def command(comment: int) -> Call:
    """Do what a comment asks for."""
    return Call(Actor.COMMAND, "report", comment)


def check_queue() -> Call:
    """Look what the merge queue is about to merge."""
    return Call(Actor.CHECK_QUEUE, "pull")


def check_branch() -> Call:
    """Say on the default branch's tip whether its files can be read."""
    return Call(Actor.CHECK_BRANCH, "report")


def reminder_after(reminders: int) -> timedelta:
    """How long to wait for what comes of a call that was repeated so often, before it is repeated once more."""
    return min(_REMINDER * (1 << min(reminders - 1, 10)), _LAST_REMINDER)

"""Run: one operation on one workspace, and its state machine."""

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Literal

import rfc8785
from pydantic import Field

from controller.core.environment import Mode
from controller.core.hold import Hold
from controller.core.identity import RequestId
from controller.core.outcome import Outcome
from controller.core.plan import Plan
from controller.errors import IllegalTransition


class Operation(StrEnum):
    """What a run does; the first two change nothing and belong to an open pull."""

    PLAN = "plan"
    PLAN_DESTROY = "plan_destroy"
    APPLY = "apply"
    DESTROY = "destroy"

    @property
    def destroys(self) -> bool:
        return self in {Operation.PLAN_DESTROY, Operation.DESTROY}

    @property
    def only_plans(self) -> bool:
        return self in {Operation.PLAN, Operation.PLAN_DESTROY}


@dataclass(frozen=True)
class Waiting:
    """For a worker."""

    type: Literal["waiting"] = "waiting"


@dataclass(frozen=True)
class Running:
    """On a worker, under a lease with this fence number, at this step."""

    worker: str
    fence: int
    step: str = "claimed"
    type: Literal["running"] = "running"


@dataclass(frozen=True)
class Held:
    """For a person, who sees this plan; it takes no lease."""

    reasons: tuple[Hold, ...]
    plan: Plan
    type: Literal["held"] = "held"


@dataclass(frozen=True)
class Ended:
    """For good."""

    outcome: Outcome
    type: Literal["ended"] = "ended"


State = Annotated[Waiting | Running | Held | Ended, Field(discriminator="type")]

_WAYS = {
    ("waiting", "running"),
    ("waiting", "ended"),
    ("running", "running"),
    ("running", "waiting"),
    ("running", "held"),
    ("running", "ended"),
    ("held", "waiting"),
    ("held", "ended"),
}


@dataclass(frozen=True)
class Run:
    """One operation on one workspace.

    `digest` names the rendered workspace; `after` is the run that last began to change the state; `pull` is the pull
    that wants the plan, or that approved the change; `reviewed` is the plan that people saw; `conditions` are holds
    that stand whatever the plan says, until somebody releases the run.
    """

    id: int
    request: RequestId
    operation: Operation
    digest: str
    mode: Mode
    commit: str
    pull: int | None
    after: int | None
    attempt: int
    state: State
    reviewed: Plan | None = None
    conditions: tuple[Hold, ...] = ()

    @property
    def is_open(self) -> bool:
        return not isinstance(self.state, Ended)


@dataclass(frozen=True)
class Opening:
    """A run to be opened, unless one with the same key exists."""

    request: RequestId
    operation: Operation
    digest: str
    mode: Mode
    commit: str
    pull: int | None = None
    after: int | None = None
    attempt: int = 1
    reviewed: Plan | None = None
    conditions: tuple[Hold, ...] = ()

    @property
    def key(self) -> str:
        """The same for two openings of the same work: SHA-256 in hexadecimal."""
        only_for = self.pull if self.operation.only_plans else None
        parts = [self.request.key, self.operation, self.digest, self.mode, self.after, only_for, self.attempt]
        return hashlib.sha256(rfc8785.dumps(parts)).hexdigest()


def again(run: Run) -> Opening:
    """The next attempt of a run, with what was reviewed and what still stands against it."""
    return Opening(
        run.request,
        run.operation,
        run.digest,
        run.mode,
        run.commit,
        run.pull,
        run.after,
        run.attempt + 1,
        run.reviewed,
        run.conditions,
    )


def move(run: Run, state: State) -> Run:
    """The run in its next state.

    Raises:
        IllegalTransition: the state machine has no such way.
    """
    if (run.state.type, state.type) not in _WAYS:
        raise IllegalTransition(f"run {run.id} is {run.state.type} and cannot become {state.type}")
    return replace(run, state=state)


def release(run: Run) -> Run:
    """A held run, let go by a person: the plan they saw is the reviewed one, and nothing else stands against it.

    Raises:
        IllegalTransition: the run is not held.
    """
    if not isinstance(run.state, Held):
        raise IllegalTransition(f"run {run.id} is {run.state.type}, not held")
    return replace(move(run, Waiting()), reviewed=run.state.plan, conditions=())

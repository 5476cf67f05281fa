"""Run: one operation on one workspace, and its state machine."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

import rfc8785
from pydantic import Field

from controller.core.environment import Mode
from controller.core.hold import Hold
from controller.core.identity import RequestId
from controller.core.outcome import Cause, Outcome
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
    """For a worker, and where it is another try, for its time: `cause` is why the one before failed."""

    until: datetime | None = None
    cause: Cause | None = None
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
    ("waiting", "waiting"),
    ("waiting", "running"),
    ("waiting", "ended"),
    ("running", "running"),
    ("running", "waiting"),
    ("running", "held"),
    ("running", "ended"),
    ("held", "held"),
    ("held", "waiting"),
    ("held", "ended"),
}


@dataclass(frozen=True)
class Tries:
    """How often this work came to nothing since somebody asked for it: it failed, or its worker was lost."""

    failed: int = 0
    lost: int = 0


@dataclass(frozen=True)
class Run:
    """One operation on one workspace.

    `digest` names the rendered workspace; `after` is the run that last began to change the state; `pull` is the pull
    that wants the plan, or that approved the change; `reviewed` is the plan that people saw; `conditions` are holds
    that stand whatever the plan says, until somebody releases the run. `confirmed` names who confirmed, on an open pull,
    that what this plan ends is to end.
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
    confirmed: str = ""
    tries: Tries = Tries()

    @property
    def is_open(self) -> bool:
        return not isinstance(self.state, Ended)

    @property
    def postponed(self) -> Waiting | None:
        """How it waits for the time of its next try, if it does."""
        return self.state if isinstance(self.state, Waiting) and self.state.until else None


@dataclass(frozen=True)
class Opening:
    """A run to be opened, unless one with the same key exists; `waits` says for what."""

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
    tries: Tries = Tries()
    waits: Waiting = Waiting()

    @cached_property
    def key(self) -> str:
        """The same for two openings of the same work: SHA-256 in hexadecimal."""
        return self._key(self.attempt)

    @cached_property
    def family(self) -> str:
        """The same for all attempts at the same work."""
        return self._key(0)

    def _key(self, attempt: int) -> str:
        only_for = self.pull if self.operation.only_plans else None
        parts = [self.request.key, self.operation, self.digest, self.mode, self.after, only_for, attempt]
        return hashlib.sha256(rfc8785.dumps(parts)).hexdigest()


def move(run: Run, state: State) -> Run:
    """The run in its next state.

    Raises:
        IllegalTransition: the state machine has no such way.
    """
    if (run.state.type, state.type) not in _WAYS:
        raise IllegalTransition(f"run {run.id} is {run.state.type} and cannot become {state.type}")
    return replace(run, state=state)

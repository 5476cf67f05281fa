"""Run: one operation on one workspace, and its state machine."""

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Literal

import rfc8785
from pydantic import Field

from controller.core.environment import Mode
from controller.core.hold import Hold, met, settles
from controller.core.identity import RequestId
from controller.core.outcome import Outcome, Planned
from controller.core.plan import Plan
from controller.core.wish import Acceptance, Confirmation, Release
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
    ("held", "held"),
    ("held", "waiting"),
    ("held", "ended"),
}


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


def settle(run: Run, wish: Release | Acceptance | Confirmation) -> Run:
    """A held run after a person's word: it waits for a worker, or is still held for what the word did not settle.

    Once nothing stands against it the plan that was shown is the reviewed one. A condition that this plan gave no cause for
    stays: the next plan may.

    Raises:
        IllegalTransition: the run is not held, or not for anything that this word settles.
    """
    done, instead = _SETTLES[type(wish)]
    if not isinstance(run.state, Held):
        raise refusal(run, done)
    left = tuple(reason for reason in run.state.reasons if not settles(wish, reason))
    if left and left == run.state.reasons:
        why = "; ".join(map(str, left))
        raise IllegalTransition(f"run {run.id} cannot be {done}: it is held, since {why}; {instead}")
    after = (met(each) if settles(wish, each) else each for each in run.conditions)
    conditions = tuple(condition for condition in after if condition is not None)
    if left:
        return replace(move(run, Held(left, run.state.plan)), conditions=conditions)
    return replace(move(run, Waiting()), reviewed=run.state.plan, conditions=conditions)


def confirm(run: Run, wish: Confirmation) -> Run:
    """A plan that somebody confirmed on its pull.

    Raises:
        IllegalTransition: the run made no plan, or one that ends nothing.
    """
    outcome = run.state.outcome if isinstance(run.state, Ended) else None
    if not (run.operation.only_plans and isinstance(outcome, Planned)):
        raise refusal(run, "confirmed")
    if not outcome.plan.ends_something:
        raise IllegalTransition(f"run {run.id} needs no confirmation: its plan destroys and replaces nothing")
    return replace(run, confirmed=wish.by)


def refusal(run: Run, done: str) -> IllegalTransition:
    """Why a run cannot be `done` something to: what it is, and what can be done instead."""
    return IllegalTransition(f"run {run.id} cannot be {done}: it {situation(run)}")


def situation(run: Run) -> str:
    """What a run is, and what can be done about it, in words that follow its name."""
    at = run.state.outcome if isinstance(run.state, Ended) else run.state
    if isinstance(at, Planned) and not run.operation.only_plans:
        return "was only planned; nothing is applied while the environment, or the controller, is in mode `plan_only`"
    return _SITUATIONS[at.type]


_SETTLES = {
    Release: ("released", "withdraw it"),
    Acceptance: ("accepted", "confirm it by name; where the environment refuses, an operator releases it"),
    Confirmation: ("confirmed", "accept it; where the environment refuses, an operator releases it"),
}
_SITUATIONS = {
    "waiting": "waits for a worker; wait for what comes of it, or withdraw it",
    "running": "is on a worker; wait until it has ended",
    "held": "is held; release it, or withdraw it",
    "planned": "made its plan, which changes nothing; merge its pull to apply it, or let it be planned again",
    "applied": "was applied; change or destroy what it made with a new pull",
    "destroyed": "destroyed what was there; ask for it again with a new pull",
    "failed": "failed; retry it, or mend it with a new pull",
    "interrupted": "was interrupted; retry it",
    "superseded": "gave way to newer content; look at the newest run of its request",
    "withdrawn": "was withdrawn; another commit that asks for it opens a new run",
}

"""Verdict: what a plan means to people."""

from dataclasses import dataclass
from enum import StrEnum

from controller.core.kind import Kind
from controller.core.plan import Action, Plan


class Risk(StrEnum):
    """How much a person should look at it."""

    NONE = "none"
    LOW = "low"
    HIGH = "high"


_WORDS = {Action.DELETE: "destroys", Action.REPLACE: "replaces", Action.FORGET: "forgets"}


@dataclass(frozen=True)
class Verdict:
    """The risk, and each reason for it."""

    risk: Risk
    reasons: tuple[str, ...] = ()


def judge(plan: Plan, kind: Kind) -> Verdict:
    """Destroying or replacing what holds data is high; whatever else changes is low, and so is what is disposable."""
    if plan.is_empty:
        return Verdict(Risk.NONE)
    ends = tuple(
        f"{_WORDS[resource.action]} `{resource.address}`"
        + (", which holds data" if kind.format.stateful else "")
        for resource in plan.resources
        if resource.ends
    )
    return Verdict(Risk.HIGH if ends and kind.format.stateful else Risk.LOW, ends)

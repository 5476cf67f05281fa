"""Hold: why a run waits for a person."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import Field

from controller.core.change import MASS, Change, Destroy
from controller.core.covers import covers, differences
from controller.core.environment import DestroyRule
from controller.core.plan import Plan
from controller.core.wish import Acceptance, Confirmation, Release


@dataclass(frozen=True)
class NotCovered:
    """The fresh plan does what the reviewed one did not say."""

    differences: tuple[str, ...]
    type: Literal["not_covered"] = "not_covered"

    def __str__(self) -> str:
        return "the plan is no longer the reviewed one: " + "; ".join(self.differences)


@dataclass(frozen=True)
class NotShown:
    """No pull could show this plan, since the pull changed what it is made from, or nothing but the controller changed."""

    type: Literal["not_shown"] = "not_shown"

    def __str__(self) -> str:
        return "what it is made from was changed, so that no pull request could show this plan before"


@dataclass(frozen=True)
class NeverReviewed:
    """Nobody saw a plan of it, and it does more than create."""

    type: Literal["never_reviewed"] = "never_reviewed"

    def __str__(self) -> str:
        return "it was merged before its plan was ready, and it does more than create"


@dataclass(frozen=True)
class NoPull:
    """The commit that asks for it came by no merged pull."""

    commit: str
    type: Literal["no_pull"] = "no_pull"

    def __str__(self) -> str:
        return f"no merged pull request is known for commit {self.commit[:12]}"


@dataclass(frozen=True)
class MassDestroy:
    """One reconcile would destroy more than a person is believed to mean."""

    count: int
    type: Literal["mass_destroy"] = "mass_destroy"

    def __str__(self) -> str:
        return f"{self.count} requests would be destroyed at once, more than {MASS}"


@dataclass(frozen=True)
class DestroyToConfirm:
    """The environment wants what ends an object confirmed, or refuses it till somebody says otherwise.

    A condition that was `confirmed` is met by the plan that was, and by those that it covers.
    """

    rule: DestroyRule
    confirmed: bool = False
    type: Literal["destroy_to_confirm"] = "destroy_to_confirm"

    def __str__(self) -> str:
        if self.rule is DestroyRule.REFUSE:
            return "the environment refuses to destroy or replace unless somebody insists"
        return "the environment wants every destroy and every replacement confirmed"


@dataclass(frozen=True)
class OverLimit:
    """It was merged though it takes its team beyond a quota or a budget."""

    problem: str
    type: Literal["over_limit"] = "over_limit"

    def __str__(self) -> str:
        return self.problem


@dataclass(frozen=True)
class NotApproved:
    """It was merged without the approvals that its environment wants."""

    approval: str
    type: Literal["not_approved"] = "not_approved"

    def __str__(self) -> str:
        return f"it was merged without approval: {self.approval}"


@dataclass(frozen=True)
class MayBeUnreadable:
    """A file that cannot be read may still ask for what seems deleted."""

    paths: tuple[str, ...]
    type: Literal["may_be_unreadable"] = "may_be_unreadable"

    def __str__(self) -> str:
        return "it may be what a file asks for that cannot be read: " + ", ".join(
            f"`{path}`" for path in self.paths
        )


Hold = Annotated[
    NotCovered
    | NotShown
    | NeverReviewed
    | NoPull
    | NotApproved
    | MassDestroy
    | DestroyToConfirm
    | OverLimit
    | MayBeUnreadable,
    Field(discriminator="type"),
]


def conditions(
    change: Change, rule: DestroyRule, destroys: int, unreadable: tuple[str, ...], *, confirmed: bool = False
) -> tuple[Hold, ...]:
    """What must be settled before a merged change may be applied, as far as its plan gives cause for it.

    Args:
        change: the change.
        rule: what the request's environment says of destroys; `CONFIRM` where the environment is gone.
        destroys: how many destroys the same reconcile decided.
        unreadable: files of the tree that may be any request.
        confirmed: whether somebody confirmed the reviewed plan.
    """
    holds: list[Hold] = []
    if rule is not DestroyRule.ALLOW:
        holds.append(DestroyToConfirm(rule, confirmed=confirmed and rule is DestroyRule.CONFIRM))
    if not isinstance(change, Destroy):
        return tuple(holds)
    if destroys > MASS:
        holds.append(MassDestroy(destroys))
    if unreadable:
        holds.append(MayBeUnreadable(unreadable))
    return tuple(holds)


def settles(wish: Release | Acceptance | Confirmation, hold: Hold) -> bool:
    """Whether a person's word settles one reason to hold.

    What ends an object is confirmed by name, or not at all where the environment refuses it: then only an operator
    insists, or the platform team changes the environment's rule.
    """
    match wish:
        case Release():
            return True
        case Acceptance():
            return not isinstance(hold, DestroyToConfirm)
        case Confirmation():
            return isinstance(hold, DestroyToConfirm) and hold.rule is DestroyRule.CONFIRM


def outlived(conditions: Iterable[Hold], today: Iterable[Hold]) -> tuple[Hold, ...]:
    """Those conditions of a run that do not stand any more: its pull is known, a quota was raised, a rule was changed.

    What a person settled is no condition any more, and what came to be said against it since counts for the next run. Many
    destroys that were decided at once stay many, though some of them are over.
    """
    standing = {_sort(hold) for hold in today}
    return tuple(
        hold for hold in conditions if _sort(hold) not in standing and not isinstance(hold, MassDestroy)
    )


def _sort(hold: Hold) -> tuple[str, ...]:
    """What makes two holds the same reason; how many destroys there are, or how a lack is put, does not."""
    return (hold.type, hold.rule.value) if isinstance(hold, DestroyToConfirm) else (hold.type,)


def missing(conditions: Iterable[Hold], reviewed: Plan | None, fresh: Plan) -> tuple[Hold, ...]:
    """Every reason to hold a run, now that its plan is known; none where it may go on, or nothing would happen."""
    if fresh.is_empty:
        return ()
    against = tuple(unmet(hold) for hold in conditions if _concerns(hold, reviewed, fresh))
    is_shown = not any(isinstance(hold, NotShown) for hold in against)
    return (*against, *compare(reviewed, fresh)) if is_shown else against


def compare(reviewed: Plan | None, fresh: Plan) -> tuple[Hold, ...]:
    """What keeps a fresh plan from being applied, as far as plans tell."""
    if fresh.is_empty:
        return ()
    if reviewed is None:
        return () if fresh.only_creates else (NeverReviewed(),)
    return () if covers(reviewed, fresh) else (NotCovered(differences(reviewed, fresh)),)


def _concerns(hold: Hold, reviewed: Plan | None, fresh: Plan) -> bool:
    """What is to be confirmed must happen at all, and go further than what was."""
    if not isinstance(hold, DestroyToConfirm):
        return True
    was_confirmed = hold.confirmed and reviewed is not None and covers(reviewed, fresh)
    return fresh.ends_something and not was_confirmed


def met(hold: Hold) -> Hold | None:
    """What is left of a condition that a person settled: a confirmation is remembered, all else is done with."""
    return replace(hold, confirmed=True) if isinstance(hold, DestroyToConfirm) else None


def unmet(hold: Hold) -> Hold:
    """A condition as a reason to hold."""
    return replace(hold, confirmed=False) if isinstance(hold, DestroyToConfirm) else hold

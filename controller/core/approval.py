"""Approval: whose reviews count for an environment, and why others do not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from controller.core.environment import ApprovalRule
from controller.core.pull import Permission, Pull, Review

PERMISSIONS = {"write": Permission.WRITE, "maintain": Permission.MAINTAIN, "admin": Permission.ADMIN}


@dataclass(frozen=True)
class Approval:
    """How many approvals one environment wants, whose counted, and why each other did not."""

    environment: str
    required: int
    counted: tuple[str, ...]
    wanted_from: tuple[str, ...]
    ignored: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    """Approvers that GitHub does not show to the controller."""

    @property
    def is_given(self) -> bool:
        return len(self.counted) >= self.required

    def __str__(self) -> str:
        if not self.required:
            return f"{self.environment} needs no approval"
        said = f"{len(self.counted)} of {self.required}"
        if self.is_given:
            return f"{said} for {self.environment}"
        if self.unseen:
            return f"{said} for {self.environment}: GitHub does not show {', '.join(self.unseen)} to the controller"
        return f"{said} for {self.environment}: needs one of {', '.join(self.wanted_from)}"


def approve(
    environment: str, rule: ApprovalRule, pull: Pull, reviews: Iterable[Review], authority: Mapping[str, bool]
) -> Approval:
    """Count the approvals of a pull's head.

    Args:
        environment: the environment's name.
        rule: its rule.
        pull: the pull; only reviews of its head count.
        reviews: all reviews, oldest first; the last that approves, asks for changes or is dismissed speaks for its author.
        authority: whether each reviewer is one of `rule.approvers`.
    """
    counted: list[str] = []
    ignored: list[str] = []
    if rule.author and authority.get(pull.author):
        counted.append(pull.author)
    for review in _latest(reviews):
        if review.state != "APPROVED" or review.author in counted:
            continue
        reason = _why_not(review, rule, pull, authority)
        if reason:
            ignored.append(f"{review.author}: {reason}")
        else:
            counted.append(review.author)
    return Approval(environment, rule.required, tuple(counted), rule.approvers, tuple(ignored))


def _why_not(review: Review, rule: ApprovalRule, pull: Pull, authority: Mapping[str, bool]) -> str:
    if review.author == pull.author and not rule.author:
        return "the author's own approval does not count here"
    if not authority.get(review.author):
        return f"is none of {', '.join(rule.approvers)}"
    if review.commit != pull.head:
        return f"approved the older commit {review.commit[:7]}"
    return ""


def _latest(reviews: Iterable[Review]) -> tuple[Review, ...]:
    latest: dict[str, Review] = {}
    for review in reviews:
        if review.state != "COMMENTED":
            latest[review.author] = review
    return tuple(latest.values())

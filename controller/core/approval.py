"""Approval: whose reviews count for an environment, and why others do not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from controller.core.environment import ApprovalRule
from controller.core.pull import Permission, Pull, Review, ReviewDecision, StatusState

PERMISSIONS = {"write": Permission.WRITE, "maintain": Permission.MAINTAIN, "admin": Permission.ADMIN}

_MISSING = {
    ReviewDecision.REVIEW_REQUIRED: "GitHub still wants a review, of a code owner for example",
    ReviewDecision.CHANGES_REQUESTED: "a reviewer asks for changes",
}


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
    decision: ReviewDecision | None = None
    """What GitHub's own rules say; None where they ask for nothing."""
    since: datetime | None = None
    """When the first of those that count was given: what was planned later not everybody saw."""

    @property
    def is_given(self) -> bool:
        return len(self.counted) >= self.required and self.decision in {None, ReviewDecision.APPROVED}

    @property
    def state(self) -> StatusState:
        if self.is_given:
            return StatusState.SUCCESS
        return StatusState.ERROR if self._lacks_sight else StatusState.PENDING

    @property
    def _lacks_sight(self) -> bool:
        """Whether it may be given, and we cannot know."""
        return bool(self.unseen) and len(self.counted) < self.required

    def __str__(self) -> str:
        if self.is_given and not self.required:
            return f"{self.environment} needs no approval"
        said = f"{len(self.counted)} of {self.required} for {self.environment}"
        if self.is_given:
            return said
        if self._lacks_sight:
            return f"{said}: GitHub does not show {', '.join(self.unseen)} to the controller"
        if len(self.counted) < self.required:
            why = f" ({'; '.join(self.ignored)})" if self.ignored else ""
            return f"{said}: needs one of {', '.join(self.wanted_from)}{why}"
        missing = _MISSING[self.decision or ReviewDecision.REVIEW_REQUIRED]
        return f"{said}: {missing}" if self.required else f"{self.environment}: {missing}"


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
    given: list[datetime | None] = []
    if rule.author and authority.get(pull.author):
        counted.append(pull.author)
    for review in _latest(reviews):
        if review.state != "APPROVED" or review.author.lower() in {one.lower() for one in counted}:
            continue
        reason = _why_not(review, rule, pull, authority)
        if reason:
            ignored.append(f"{review.author}: {reason}")
        else:
            counted.append(review.author)
            given.append(review.at)
    since = min((at for at in given if at is not None), default=None)
    return Approval(environment, rule.required, tuple(counted), rule.approvers, tuple(ignored), since=since)


def _why_not(review: Review, rule: ApprovalRule, pull: Pull, authority: Mapping[str, bool]) -> str:
    if review.author.lower() == pull.author.lower() and not rule.author:
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

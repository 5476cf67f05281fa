"""What a pull's reviews come to: https://docs.github.com/graphql/reference/enums#pullrequestreviewdecision."""

from typing import Literal

from controller.sandbox.forge import Forge
from controller.sandbox.nouns import Pull, RequiredReviews, Review
from controller.sandbox.rules import owners

Decision = Literal["APPROVED", "CHANGES_REQUESTED", "REVIEW_REQUIRED"]
_OPINIONS = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")


def required(forge: Forge, pull: Pull) -> RequiredReviews | None:
    """Which reviews the base asks for; None if none."""
    return forge.required_reviews.find((pull.repository, pull.base_ref))


def opinions(forge: Forge, pull: Pull) -> list[Review]:
    """The latest review of each person that approves, asks for changes, or did so until it was dismissed."""
    judging = [one for one in forge.reviews.of(pull.id) if one.state in _OPINIONS and one.submitted_at]
    judging.sort(key=lambda one: (one.submitted_at, one.id))
    return list({one.user: one for one in judging}.values())


def counting(forge: Forge, pull: Pull) -> list[Review]:
    """The opinions that count for a requirement: those of people who may write, but for the author's own."""
    repository = forge.repository_of(pull)
    return [
        one
        for one in opinions(forge, pull)
        if one.user != pull.user
        and one.state != "DISMISSED"
        and owners.may_write(forge, repository, forge.user(one.user))
    ]


def decision(forge: Forge, pull: Pull) -> Decision | None:
    """What the reviews come to; None where none is required."""
    wanted = required(forge, pull)
    owned = wanted and wanted.require_code_owner_reviews and any(owners.groups(forge, pull))
    if wanted is None or not (wanted.required_approving_review_count or owned):
        return None
    if any(one.state == "CHANGES_REQUESTED" for one in counting(forge, pull)):
        return "CHANGES_REQUESTED"
    return "REVIEW_REQUIRED" if missing(forge, pull) else "APPROVED"


def missing(forge: Forge, pull: Pull) -> str | None:
    """Which review is still missing or forbids a merge, in GitHub's words; None if all are there."""
    wanted = required(forge, pull)
    if wanted is None:
        return None
    found = counting(forge, pull)
    approvals = [one for one in found if one.state == "APPROVED"]
    if len(approvals) < len(found):
        return "Changes have been requested."
    if len(approvals) < wanted.required_approving_review_count:
        return _at_least(wanted.required_approving_review_count)
    if wanted.require_last_push_approval and not _seen_by_another(pull, approvals):
        return "New changes require approval from someone other than the last pusher."
    return _of_owners(forge, pull, approvals) if wanted.require_code_owner_reviews else None


def _at_least(count: int) -> str:
    what = "approving review is" if count == 1 else "approving reviews are"
    return f"At least {count} {what} required by reviewers with write access."


def _seen_by_another(pull: Pull, approvals: list[Review]) -> bool:
    return any(one.commit_id == pull.head_sha and one.user != pull.pushed_by for one in approvals)


def _of_owners(forge: Forge, pull: Pull, approvals: list[Review]) -> str | None:
    approved = {one.user for one in approvals}
    for group in owners.groups(forge, pull):
        people = {user.login for owner in group for user in owners.users(forge, owner)}
        if not people & approved:
            return f"Waiting on code owner review from {_either(group)}."
    return None


def _either(group: list[str]) -> str:
    names = [owner.removeprefix("@") for owner in group]
    return " and/or ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)

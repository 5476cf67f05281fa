"""What may be in a merge queue, and what is to come of it.

See https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue.
"""

from typing import Literal

from controller.sandbox.forge import Forge
from controller.sandbox.nouns import Pull, QueueEntry, Repository
from controller.sandbox.rules import decisions, protection, rulesets

Reason = Literal[
    "ALREADY_MERGED", "BRANCH_PROTECTIONS", "CI_FAILURE", "MANUAL", "MERGE", "MERGE_CONFLICT", "QUEUE_CLEARED"
]
"""Why a pull left its queue: https://docs.github.com/webhooks/webhook-events-and-payloads?actionType=dequeued#pull_request."""
_FAILED = ("error", "failure")


def refusal(forge: Forge, pull: Pull, head: str | None = None) -> str | None:
    """Why a pull may not be put into its base's queue; None if it may.

    Args:
        forge: The state.
        pull: Which one, tested.
        head: The head that somebody has seen, None for whatever it is.
    """
    repository = forge.repository_of(pull)
    needs = protection.hindrances(forge, pull)
    reasons = (
        (
            rulesets.queue(forge, repository, pull.base_ref) is None,
            "Merge queue is not enabled on the base branch",
        ),
        (pull.state == "closed", "Pull request is closed"),
        (pull.draft, "Pull request is in draft state"),
        (forge.queue_entries.find(pull.id), "Pull request is already in the merge queue"),
        (head not in (None, pull.head_sha), "Head branch was modified. Review and try again."),
        (not pull.mergeable, "Pull request is not mergeable"),
        (needs, f"Pull request {' '.join(needs)}"),
    )
    return next((words for applies, words in reasons if applies), None)


def state(forge: Forge, entry: QueueEntry) -> str:
    """How far an entry is: https://docs.github.com/graphql/reference/enums#mergequeueentrystate."""
    if not entry.landed:
        return "QUEUED"
    return "AWAITING_CHECKS" if unmet(forge, entry) else "MERGEABLE"


def unfit(forge: Forge, repository: Repository, entry: QueueEntry) -> Reason | None:
    """Why a pull must leave its queue; None if it may stay."""
    pull = forge.pull(entry.pull)
    moved = (pull.head_sha, pull.base_ref) != (entry.head_sha, entry.branch)
    if pull.merged:
        return "ALREADY_MERGED"
    if pull.state == "closed" or pull.draft or moved:
        return "MANUAL"
    if rulesets.queue(forge, repository, entry.branch) is None:
        return "QUEUE_CLEARED"
    if decisions.missing(forge, pull):
        return "BRANCH_PROTECTIONS"
    return "CI_FAILURE" if entry.landed and _has_failed(forge, repository, entry) else None


def unmet(forge: Forge, entry: QueueEntry) -> str | None:
    """Which of the required statuses an entry's group lacks, in GitHub's words; None if none."""
    required = rulesets.required_checks(forge, forge.repository(entry.repository), entry.branch)
    return protection.unmet(forge, required, entry.landed[-1]) if required else None


def _has_failed(forge: Forge, repository: Repository, entry: QueueEntry) -> bool:
    required = rulesets.required_checks(forge, repository, entry.branch)
    newest = {one.context: one.state for one in forge.statuses.of((repository.id, entry.landed[-1]))}
    return required is not None and any(newest.get(context) in _FAILED for context in required.contexts)

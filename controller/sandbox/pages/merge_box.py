"""Whether a pull can be merged, and what stands in the way.

See https://docs.github.com/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/merging-a-pull-request.
"""

from dataclasses import dataclass

from controller.sandbox.acts import merges
from controller.sandbox.nouns import Pull, Repository, Review
from controller.sandbox.pages.checks import Checks, checks
from controller.sandbox.pages.visit import Visit
from controller.sandbox.render.pulls import mergeable_state
from controller.sandbox.rules import decisions, heads, protection, queues, rulesets

_MERGEABLE = ("good", "No conflicts with base branch", "Merging can be performed automatically.")
_SAYS = {
    "dirty": (
        "bad",
        "This branch has conflicts that must be resolved",
        "Merge or rebase the base branch into it.",
    ),
    "draft": (
        "idle",
        "This pull request is still a work in progress",
        "Draft pull requests cannot be merged.",
    ),
    "blocked": ("bad", "Merging is blocked", ""),
    "behind": ("bad", "This branch is out-of-date with the base branch", "Merge the latest changes into it."),
    "unknown": ("wait", "Checking for the ability to merge automatically…", "Reload the page in a moment."),
}
_IMPOSSIBLE = ("dirty", "draft", "unknown")


@dataclass(frozen=True, slots=True)
class Head:
    """A pull's head: where it is (None: its fork is gone), what it is called, and whether it is there still."""

    repository: Repository | None
    label: str
    exists: bool

    @property
    def deletable(self) -> bool:
        """Whether nothing but the pull needs the branch."""
        found = self.repository
        return found is not None and self.exists and self.label.rpartition(":")[2] != found.default_branch


@dataclass(frozen=True, slots=True)
class Queue:
    """The merge queue of the base: where the pull is in it (None: it is not), and why it may not be put there."""

    position: int | None
    refusal: str | None


@dataclass(frozen=True, slots=True)
class MergeBox:
    """What stands below a pull's conversation.

    `says` is a tone, a sentence, and another one; `methods` are the ways to merge that are open to whoever looks.
    """

    says: tuple[str, str, str]
    checks: Checks
    approvals: tuple[Review, ...]
    objections: tuple[Review, ...]
    head: Head
    methods: tuple[str, ...]
    queue: Queue | None

    @property
    def is_risky(self) -> bool:
        """Whether a merge would not be GitHub's green one."""
        return bool(self.objections) or self.says[0] != "good" or self.checks.state not in (None, "success")


def merge_box(visit: Visit, pull: Pull) -> MergeBox:
    """What stands below a pull's conversation."""
    state, found = mergeable_state(visit.view, pull), decisions.opinions(visit.forge, pull)
    tone, sentence, more = _SAYS.get(state, _MERGEABLE)
    hindrances = " ".join(protection.hindrances(visit.forge, pull))
    return MergeBox(
        (tone, sentence, hindrances if state == "blocked" else more),
        checks(visit.forge, visit.repository(), pull.head_sha),
        tuple(one for one in found if one.state == "APPROVED"),
        tuple(one for one in found if one.state == "CHANGES_REQUESTED"),
        head(visit, pull),
        () if state in _IMPOSSIBLE else _methods(visit, pull),
        _queue(visit, pull),
    )


def head(visit: Visit, pull: Pull) -> Head:
    """A pull's head."""
    found = heads.head_repository(visit.forge, pull)
    beside = found is not None and found.id == pull.repository
    label = pull.head_ref if beside else f"{heads.head_owner(visit.forge, pull)}:{pull.head_ref}"
    return Head(found, label, heads.head_tip(visit.forge, pull) is not None)


def _queue(visit: Visit, pull: Pull) -> Queue | None:
    repository = visit.repository()
    if pull.state == "closed" or rulesets.queue(visit.forge, repository, pull.base_ref) is None:
        return None
    pulls = [one.pull for one in visit.forge.queue_entries.of((repository.id, pull.base_ref))]
    position = pulls.index(pull.id) + 1 if pull.id in pulls else None
    return Queue(position, queues.refusal(visit.forge, pull))


def _methods(visit: Visit, pull: Pull) -> tuple[str, ...]:
    if visit.viewer is None or protection.refusal(visit.forge, pull, visit.viewer):
        return ()
    return tuple(merges.methods(visit.forge, visit.repository(), pull.base_ref))

"""Pulls and what is said on them."""

from dataclasses import dataclass
from typing import Literal

from controller.sandbox.nouns.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull(Record):
    """A pull request between two branches of one repository, or of a fork and its parent.

    `head_repository` is the fork's id and `head_owner` its owner's login; 0 and nothing for a branch beside the base.
    `pushed_by` is who moved the head last.
    `commits` are the shas between merge base and head, oldest first; `landed` are those that its merge made.
    `tested_base` and `tested_head` say for which tips `mergeable`, `behind` and `owners` were found out; each text in
    `owners` is whom a line of CODEOWNERS names, `requested_teams` are slugs.
    """

    repository: int
    number: int
    title: str
    body: str | None
    user: str
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    created_at: str
    updated_at: str
    draft: bool = False
    state: Literal["open", "closed"] = "open"
    closed_at: str | None = None
    closed_by: str | None = None
    merged_at: str | None = None
    merged_by: str | None = None
    merge_commit_sha: str | None = None
    mergeable: bool | None = None
    tested_base: str = ""
    tested_head: str = ""
    commits: tuple[str, ...] = ()
    landed: tuple[str, ...] = ()
    additions: int = 0
    deletions: int = 0
    changed_files: int = 0
    labels: tuple[str, ...] = ()
    requested_reviewers: tuple[str, ...] = ()
    requested_teams: tuple[str, ...] = ()
    head_repository: int = 0
    head_owner: str = ""
    pushed_by: str = ""
    maintainer_can_modify: bool = False
    locked: bool = False
    lock_reason: str | None = None
    behind: bool = False
    owners: tuple[str, ...] = ()

    @property
    def merged(self) -> bool:
        """Whether the pull ended by a merge."""
        return self.merged_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntry(Record):
    """A pull's place in the merge queue of a branch; the oldest is merged first.

    `head_sha` is the pull's head when it was queued. `base_sha` and `landed` are what its group is built on, and the
    commits that it is built of; nothing before it is built.
    """

    repository: int
    branch: str
    pull: int
    number: int
    head_sha: str
    enqueuer: str
    enqueued_at: str
    base_sha: str = ""
    landed: tuple[str, ...] = ()

    @property
    def ref(self) -> str:
        """The branch of its group, by its full name."""
        return f"refs/heads/gh-readonly-queue/{self.branch}/pr-{self.number}-{self.base_sha}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening(Record):
    """Something that was done to a pull: the action of its event, and what it was about (a label, a reason)."""

    pull: int
    action: str
    user: str
    created_at: str
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Record):
    """A review of a pull: `PENDING`, `COMMENTED`, `APPROVED`, `CHANGES_REQUESTED` or `DISMISSED`."""

    pull: int
    user: str
    state: str
    body: str
    commit_id: str
    submitted_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewComment(Record):
    """A comment on a line of a pull's diff, or on a whole file (then `line` and `original_line` are None).

    `review` is the review that it belongs to, `in_reply_to` the first comment of its thread (0: it is the first).
    `line` and `side` say where it stands in the newest diff, the `original_` ones where it was made.
    """

    pull: int
    review: int
    user: str
    body: str
    path: str
    commit_id: str
    original_commit_id: str
    diff_hunk: str
    line: int | None
    original_line: int | None
    start_line: int | None
    side: str
    start_side: str | None
    position: int | None
    original_position: int
    created_at: str
    updated_at: str
    in_reply_to: int = 0

    @property
    def subject_type(self) -> str:
        """What it is about: a `line` or a `file`."""
        return "file" if self.original_line is None else "line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment(Record):
    """A comment in a pull's conversation (GitHub's issue comment); times have whole seconds, so an edit is kept by itself."""

    pull: int
    user: str
    body: str
    created_at: str
    updated_at: str
    edited_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimized(Record):
    """That a comment or review, whose id is `subject`, is shown folded, and why (`OUTDATED`, `RESOLVED`, …)."""

    subject: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Label(Record):
    """A label that a repository offers; `color` is six hex digits."""

    repository: int
    name: str
    color: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction(Record):
    """One person's reaction; `subject` is the id of a pull or a comment (ids are unique over all nouns)."""

    subject: int
    user: str
    content: str
    created_at: str

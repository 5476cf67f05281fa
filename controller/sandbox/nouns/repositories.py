"""Repositories, their branches and how these are protected, and what is said of commits."""

from dataclasses import dataclass, field
from typing import Any, Literal

from controller.sandbox.nouns.accounts import Role
from controller.sandbox.nouns.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository(Record):
    """A repository; `last_number` is the newest pull's.

    `roles` says by login what somebody was given in it, `team_roles` what a team was, by its slug.

    `parent` is the id of what it was forked from, 0 for one that stands by itself.
    """

    owner: str
    name: str
    description: str
    default_branch: str
    roles: dict[str, Role]
    created_at: str
    updated_at: str
    pushed_at: str
    team_roles: dict[str, Role] = field(default_factory=dict)
    last_number: int = 0
    parent: int = 0
    allow_merge_commit: bool = True
    allow_squash_merge: bool = True
    allow_rebase_merge: bool = True
    allow_update_branch: bool = False
    delete_branch_on_merge: bool = False

    @property
    def full_name(self) -> str:
        """The name that URLs use: `owner/name`."""
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref(Record):
    """A branch or a tag as the forge last saw it; `name` is full (`refs/heads/main`)."""

    repository: int
    name: str
    sha: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection(Record):
    """What a protected branch allows and for whom; its required reviews and checks are records of their own."""

    repository: int
    branch: str
    enforce_admins: bool = False
    required_linear_history: bool = False
    allow_force_pushes: bool = False
    allow_deletions: bool = False
    block_creations: bool = False
    required_conversation_resolution: bool = False
    lock_branch: bool = False
    allow_fork_syncing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredReviews(Record):
    """Which reviews a protected branch asks for before a merge."""

    repository: int
    branch: str
    required_approving_review_count: int = 1
    dismiss_stale_reviews: bool = False
    require_code_owner_reviews: bool = False
    require_last_push_approval: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredChecks(Record):
    """Which statuses a protected branch asks for before a merge; `strict`: on a head that has all of the base."""

    repository: int
    branch: str
    strict: bool = False
    contexts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruleset(Record):
    """Rules for the branches whose full names, or `~DEFAULT_BRANCH` or `~ALL`, are in `include` and not in `exclude`.

    `rules` and `bypass_actors` are as they were asked for.
    """

    repository: int
    name: str
    enforcement: Literal["active", "disabled", "evaluate"]
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    rules: tuple[dict[str, Any], ...]
    bypass_actors: tuple[dict[str, Any], ...]
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status(Record):
    """A commit status: `error`, `failure`, `pending` or `success` for one context."""

    repository: int
    sha: str
    context: str
    state: str
    description: str | None
    target_url: str | None
    creator: str
    created_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitComment(Record):
    """A comment on a commit; `path`, `position` and `line` are None for one on the whole commit."""

    repository: int
    commit_id: str
    user: str
    body: str
    path: str | None
    position: int | None
    line: int | None
    created_at: str
    updated_at: str

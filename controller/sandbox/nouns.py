"""The nouns of a forge, as the records that are kept of them; the words are GitHub's own.

Times are text in GitHub's form (`2026-11-22T21:00:00Z`), people are named by login, other records by id.
"""

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["none", "read", "triage", "write", "maintain", "admin"]
ROLES: tuple[Role, ...] = ("none", "read", "triage", "write", "maintain", "admin")
Level = Literal["read", "write"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the store keeps; `id` is 0 until it is added."""

    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Record):
    """A person, with the one token that speaks for them; or an App's bot (`slug[bot]`), which has none."""

    login: str
    name: str
    email: str
    token: str
    created_at: str
    type: Literal["User", "Bot"] = "User"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization(Record):
    """An owner of repositories; `admins` and `members` are logins."""

    login: str
    name: str
    admins: tuple[str, ...]
    members: tuple[str, ...]
    created_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Team(Record):
    """A team of an organisation; `maintainers` and `members` are logins."""

    organization: str
    slug: str
    name: str
    description: str
    maintainers: tuple[str, ...]
    members: tuple[str, ...]
    created_at: str


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
    behind: bool = False
    owners: tuple[str, ...] = ()

    @property
    def merged(self) -> bool:
        """Whether the pull ended by a merge."""
        return self.merged_at is not None


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
class Comment(Record):
    """A comment in a pull's conversation (GitHub's issue comment)."""

    pull: int
    user: str
    body: str
    created_at: str
    updated_at: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class App(Record):
    """A GitHub App; what it listens to is its hook's, `private_key` is a PEM, made when somebody first asks for it."""

    slug: str
    client_id: str
    name: str
    description: str
    owner: str
    permissions: dict[str, Level]
    created_at: str
    updated_at: str
    private_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation(Record):
    """An App on an account's repositories: on `all` of them, or on those whose ids are in `repositories`."""

    app: int
    account: str
    repository_selection: Literal["all", "selected"]
    permissions: dict[str, Level]
    created_at: str
    updated_at: str
    repositories: tuple[int, ...] = ()
    suspended_at: str | None = None
    suspended_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationToken(Record):
    """What speaks for an installation until `expires_at`; `repositories` are the ids it was narrowed to, if it was."""

    installation: int
    token: str
    permissions: dict[str, Level]
    expires_at: str
    repositories: tuple[int, ...] | None = None


Grant = App | InstallationToken
"""What an App asks with: its own signature, or an installation's token."""
Caller = User | Grant | None
"""Who asks; None is nobody in particular."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimized(Record):
    """That a comment or review, whose id is `subject`, is shown folded, and why (`OUTDATED`, `RESOLVED`, …)."""

    subject: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook(Record):
    """A webhook of a repository or of an App (an "integration"); `target` is its id, `events` are names or `*`."""

    target: int
    target_type: Literal["repository", "integration"] = "repository"
    url: str
    content_type: Literal["json", "form"]
    secret: str | None
    insecure_ssl: bool
    events: tuple[str, ...]
    active: bool
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery(Record):
    """One attempt to deliver an event to a hook; `installation` is through which an App's hook heard of it.

    `duration` is in seconds; `status_code` is 0 when no answer came, and `status` then says why.
    """

    hook: int
    repository: int | None
    installation: int | None = None
    guid: str
    event: str
    action: str | None
    url: str
    payload: str
    redelivery: bool = False
    delivered_at: str = ""
    duration: float = 0.0
    status: str = "pending"
    status_code: int = 0
    request_headers: dict[str, str] = field(default_factory=dict)
    response_headers: dict[str, str] = field(default_factory=dict)
    response_body: str = ""

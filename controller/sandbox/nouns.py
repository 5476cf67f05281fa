"""The nouns of a forge, as the records that are kept of them; the words are GitHub's own.

Times are text in GitHub's form (`2026-11-22T21:00:00Z`), people are named by login, other records by id.
"""

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["none", "read", "triage", "write", "maintain", "admin"]
ROLES: tuple[Role, ...] = ("none", "read", "triage", "write", "maintain", "admin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the store keeps; `id` is 0 until it is added."""

    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Record):
    """A person or a bot account, with the one token that speaks for it."""

    login: str
    name: str
    email: str
    token: str
    created_at: str


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
    """A repository; `roles` says who may do what in it, `last_number` is the newest pull's."""

    owner: str
    name: str
    description: str
    default_branch: str
    roles: dict[str, Role]
    created_at: str
    updated_at: str
    pushed_at: str
    last_number: int = 0

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
    """A pull request between two branches of one repository.

    `commits` are the shas between merge base and head, oldest first; `landed` are those that its merge made.
    `tested_base` and `tested_head` say for which tips `mergeable` was found out.
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
class Hook(Record):
    """A repository webhook; `events` are event names or `*`."""

    repository: int
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
    """One attempt to deliver an event to a hook.

    `duration` is in seconds; `status_code` is 0 when no answer came, and `status` then says why.
    """

    hook: int
    repository: int
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

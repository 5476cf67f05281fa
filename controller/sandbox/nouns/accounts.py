"""Who there is: people, organisations with their teams, and Apps."""

from dataclasses import dataclass
from typing import Literal

from controller.sandbox.nouns.record import Record

Role = Literal["none", "read", "triage", "write", "maintain", "admin"]
ROLES: tuple[Role, ...] = ("none", "read", "triage", "write", "maintain", "admin")
Level = Literal["read", "write"]


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

"""What GitHub answers, as its documentation has it, and our nouns made of it; what we do not use is left out."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from controller.core.pull import Permission, Pull, PullState, Review, Status

_GHOST = "ghost"


class User(BaseModel):
    """https://docs.github.com/en/rest/users/users#get-the-authenticated-user."""

    login: str


class App(BaseModel):
    """https://docs.github.com/en/rest/apps/apps#get-the-authenticated-app."""

    slug: str


class Installation(BaseModel):
    """https://docs.github.com/en/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app."""

    id: int


class Minted(BaseModel):
    """https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app."""

    token: str = Field(repr=False)
    expires_at: datetime


class Repository(BaseModel):
    """https://docs.github.com/en/rest/repos/repos#get-a-repository."""

    default_branch: str


class _End(BaseModel):
    ref: str
    sha: str


class PullAnswer(BaseModel):
    """A pull, in the long form or in that of lists: https://docs.github.com/en/rest/pulls/pulls."""

    number: int
    title: str
    user: User | None
    head: _End
    base: _End
    state: Literal["open", "closed"]
    draft: bool = False
    merged_at: str | None
    merge_commit_sha: str | None

    def pull(self) -> Pull:
        """The noun; lists have no `merged`, but `merged_at` says as much."""
        merged = self.merged_at is not None
        return Pull(
            number=self.number,
            title=self.title,
            author=login(self.user),
            head=self.head.sha,
            base=self.base.ref,
            state=PullState.MERGED if merged else PullState(self.state),
            draft=self.draft,
            merge_commit=self.merge_commit_sha if merged else None,
        )


class ReviewAnswer(BaseModel):
    """https://docs.github.com/en/rest/pulls/reviews#list-reviews-for-a-pull-request."""

    user: User | None
    state: str
    commit_id: str | None = None
    submitted_at: datetime | None = None

    def review(self) -> Review:
        """The noun."""
        return Review(login(self.user), self.state, self.commit_id or "", self.submitted_at)


class PermissionAnswer(BaseModel):
    """https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user."""

    permission: Literal["admin", "write", "read", "none"]
    role_name: str = ""

    def level(self) -> Permission:
        """The noun: `permission` knows four words only, `role_name` may be a role that an organisation invented."""
        known = self.role_name.upper() in Permission.__members__
        return Permission[(self.role_name if known else self.permission).upper()]


class Membership(BaseModel):
    """https://docs.github.com/en/rest/teams/members#get-team-membership-for-a-user."""

    state: str


class Team(BaseModel):
    """https://docs.github.com/en/rest/teams/teams#get-a-team-by-name."""

    slug: str


class CommentAnswer(BaseModel):
    """Of a pull (https://docs.github.com/en/rest/issues/comments) or commit (https://docs.github.com/en/rest/commits/comments)."""

    id: int
    user: User | None
    body: str | None = None
    html_url: str

    def first_line(self) -> str:
        """The body's first line."""
        return (self.body or "").partition("\n")[0].rstrip("\r")

    def says(self, body: str) -> bool:
        """Whether it says the same; GitHub's editor leaves CRLF and trims."""
        return (self.body or "").replace("\r\n", "\n").rstrip() == body.replace("\r\n", "\n").rstrip()


class StatusAnswer(BaseModel):
    """https://docs.github.com/en/rest/commits/statuses#list-commit-statuses-for-a-reference."""

    context: str
    state: str
    description: str | None = None
    target_url: str | None = None

    def says(self, status: Status) -> bool:
        """Whether it says the same."""
        said = (self.state, self.description or "", self.target_url or "")
        return said == (status.state.value, status.description, status.url)


def login(user: User | None) -> str:
    """Whose it is; GitHub gives nobody for an account that was deleted, and shows it as ghost."""
    return user.login if user else _GHOST

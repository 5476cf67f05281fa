"""What somebody wrote under a pull: https://docs.github.com/en/rest/issues/comments#get-an-issue-comment."""

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import BaseModel, Field

from controller.core.pull import Remark
from controller.edge.github.answers import User, login
from controller.edge.github.client import Client
from controller.errors import GitHubNotFound

_EDITED = "query($id: ID!) { node(id: $id) { ... on IssueComment { lastEditedAt } } }"


class _Remark(BaseModel):
    id: int
    node_id: str
    user: User | None
    body: str | None = None
    html_url: str
    issue_url: str = Field(pattern=r"/\d+$")
    created_at: datetime

    @property
    def number(self) -> int:
        """Of the pull or issue that it stands under."""
        return int(self.issue_url.rpartition("/")[2])

    @property
    def is_on_pull(self) -> bool:
        """GitHub's pulls are issues, but have pages of their own."""
        return self.html_url.partition("#")[0].endswith(f"/pull/{self.number}")


class _Edited(BaseModel):
    at: datetime | None = Field(alias="lastEditedAt")


class _Node(BaseModel):
    node: _Edited


def read_remark(client: Client, repository: str, comment: int) -> Remark:
    """A comment as it is now.

    Args:
        client: The way to GitHub.
        repository: The path `/repos/owner/name`.
        comment: Its number.

    Raises:
        GitHubNotFound: It is gone, or stands under an issue that is no pull.
        GitHubError: GitHub cannot be asked.
    """
    found = client.get(_Remark, f"{repository}/issues/comments/{comment}")
    if not found.is_on_pull:
        raise GitHubNotFound(f"comment {comment} is under issue {found.number}, which is no pull request")
    return Remark(
        found.id,
        found.number,
        login(found.user),
        found.body or "",
        found.created_at,
        edited=_is_edited(client, found),
    )


def read_between(client: Client, repository: str, since: datetime, until: datetime) -> Mapping[int, str]:
    """The words of the comments that were written on pulls in this time, by number.

    GitHub's `since` is about when a comment was last touched: an old one that was edited is listed too
    (https://docs.github.com/en/rest/issues/comments#list-issue-comments-for-a-repository).

    Args:
        client: The way to GitHub.
        repository: The path `/repos/owner/name`.
        since: Aware; GitHub keeps whole seconds.
        until: Aware too.

    Raises:
        GitHubError: GitHub cannot be asked.
    """
    first = since.astimezone(UTC).replace(microsecond=0)
    query = {"since": f"{first:%Y-%m-%dT%H:%M:%SZ}", "sort": "created", "direction": "asc"}
    found = client.pages(_Remark, f"{repository}/issues/comments", query)
    return {one.id: one.body or "" for one in found if first <= one.created_at <= until and one.is_on_pull}


def _is_edited(client: Client, found: _Remark) -> bool:
    """Whether its words were changed.

    REST does not tell: its `updated_at` has whole seconds, in which a comment may be posted and edited, and moves when a comment
    is hidden. See https://docs.github.com/en/graphql/reference/objects#issuecomment.
    """
    return client.query(_Node, _EDITED, id=found.node_id).node.at is not None

"""Comments of ours: one for each marker, edited in place, whatever came between."""

from contextlib import suppress
from dataclasses import dataclass

from controller.edge.github.answers import CommentAnswer, login, read
from controller.edge.github.client import Client
from controller.errors import GitHubNotFound, GitHubRefused
from controller.ports import Comment

MAX_BODY = 65_536
"""GitHub's limit, in characters."""


@dataclass(frozen=True, slots=True)
class Thread:
    """Where comments are.

    Args:
        path: Of the list, which takes new ones.
        one: Of a single comment, before its number.
    """

    path: str
    one: str


def say(client: Client, me: str, thread: Thread, comment: Comment) -> str:
    """Post a comment, or edit ours with the same marker; the URL it is at.

    Ours has our account as its author *and* the marker as its first line: a person may use our account, and anybody may
    copy a marker. Where a race left two of ours the older one stays.

    Args:
        client: The way to GitHub.
        me: Our login.
        thread: Where.
        comment: What.

    Raises:
        GitHubError: Or GitHubNotFound; GitHubRefused also where the body is too long.
        ValueError: The body does not begin with its marker, so that it would never be found again.
    """
    if comment.body.partition("\n")[0] != comment.marker:
        raise ValueError(f"a comment's first line must be its marker, {comment.marker!r}")
    if len(comment.body) > MAX_BODY:
        raise GitHubRefused(
            f"a comment of {len(comment.body):,} characters is too long; GitHub takes {MAX_BODY:,}"
        )
    return client.settle(lambda: _look_and_say(client, me, thread, comment))


def _look_and_say(client: Client, me: str, thread: Thread, comment: Comment) -> str:
    ours = [one for one in client.pages(CommentAnswer, thread.path) if _is_ours(one, me, comment.marker)]
    if not ours:
        posted = client.write("POST", thread.path, {"body": comment.body})
        return read(CommentAnswer, posted, thread.path).html_url
    first, *others = sorted(ours, key=lambda one: one.id)
    if not first.says(comment.body):
        client.write("PATCH", f"{thread.one}/{first.id}", {"body": comment.body})
    for other in others:
        with suppress(GitHubNotFound):
            client.write("DELETE", f"{thread.one}/{other.id}")
    return first.html_url


def _is_ours(one: CommentAnswer, me: str, marker: str) -> bool:
    return one.first_line() == marker and login(one.user).lower() == me.lower()

"""Comments of ours: one for each marker, edited in place, whatever came between."""

from contextlib import suppress
from dataclasses import dataclass

from controller.edge.github.answers import CommentAnswer, login
from controller.edge.github.client import Client
from controller.edge.github.reading import read
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
        add: Whether another one may be posted where ours may not be edited. On a commit whoever reads may comment, and
            only who writes may edit: https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps.
    """

    path: str
    one: str
    add: bool = False


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
    found = [one for one in client.pages(CommentAnswer, thread.path) if _is_ours(one, me, comment.marker)]
    ours = sorted(found, key=lambda one: one.id)
    if not ours:
        return _post(client, thread, comment)
    if thread.add:
        return _edit_or_add(client, thread, ours[-1], comment)
    first, *others = ours
    _edit(client, thread, first, comment)
    for other in others:
        with suppress(GitHubNotFound):
            client.write("DELETE", f"{thread.one}/{other.id}")
    return first.html_url


def _edit_or_add(client: Client, thread: Thread, newest: CommentAnswer, comment: Comment) -> str:
    try:
        _edit(client, thread, newest, comment)
    except GitHubRefused:
        return _post(client, thread, comment)
    return newest.html_url


def _edit(client: Client, thread: Thread, one: CommentAnswer, comment: Comment) -> None:
    if not one.says(comment.body):
        client.write("PATCH", f"{thread.one}/{one.id}", {"body": comment.body})


def _post(client: Client, thread: Thread, comment: Comment) -> str:
    posted = client.write("POST", thread.path, {"body": comment.body})
    return read(CommentAnswer, posted, thread.path).html_url


def _is_ours(one: CommentAnswer, me: str, marker: str) -> bool:
    return one.first_line() == marker and login(one.user).lower() == me.lower()

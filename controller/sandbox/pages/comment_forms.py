"""What the buttons of comments do."""

from starlette.responses import Response

from controller.sandbox.errors import not_found
from controller.sandbox.pages.acting import act, given, go
from controller.sandbox.pages.visit import Visit
from controller.sandbox.rest import issues, pulls, reactions, review_comments
from controller.sandbox.rest.fields import natural

_ANCHORS = {"pull": "issue-", "comments": "issuecomment-", "lines": "discussion_r"}
_REACTIONS = {
    "pull": reactions.PULL,
    "comments": reactions.COMMENT,
    "lines": reactions.REVIEW_COMMENT,
}


def add(visit: Visit) -> Response:
    """Comment, and close or reopen with it if that button was pressed; then the words may be missing."""
    words, state = given(visit, "body"), given(visit, "state")
    made = act(visit, issues.create_comment, words) if words or not state else None
    if state:
        act(visit, pulls.update_pull, state)
    return _back(visit, f"issuecomment-{made['id']}" if made else "")


def edit(visit: Visit) -> Response:
    """Change a comment."""
    act(visit, issues.update_comment, given(visit, "body"))
    return _back(visit, f"issuecomment-{visit.path['comment_id']}")


def delete(visit: Visit) -> Response:
    """Delete a comment."""
    act(visit, issues.delete_comment)
    return _back(visit)


def reply(visit: Visit) -> Response:
    """Answer in the thread of a comment on a line."""
    made = act(visit, review_comments.create_reply, given(visit, "body"))
    return _back(visit, f"discussion_r{made['id']}")


def edit_on_line(visit: Visit) -> Response:
    """Change a comment on a line."""
    act(visit, review_comments.update_comment, given(visit, "body"))
    return _back(visit, f"discussion_r{visit.path['comment_id']}")


def delete_on_line(visit: Visit) -> Response:
    """Delete a comment on a line."""
    act(visit, review_comments.delete_comment)
    return _back(visit)


def react(visit: Visit) -> Response:
    """Add a reaction, or take it back.

    Raises:
        RefusedError: 404, there is nothing to react to.
    """
    kind, _, number = visit.form.get("subject", "").partition("/")
    subject = visit.pull().id if kind == "pull" else natural(number)
    if kind not in _REACTIONS or subject is None:
        raise not_found()
    content, login = visit.form.get("content", ""), visit.viewer.login if visit.viewer else ""
    found = visit.forge.reactions.find((subject, login, content))
    if found:
        act(visit, _REACTIONS[kind].delete, comment_id=number, reaction_id=str(found.id))
    else:
        act(visit, _REACTIONS[kind].create, {"content": content}, comment_id=number)
    return _back(visit, f"{_ANCHORS[kind]}{subject}")


def _back(visit: Visit, anchor: str = "") -> Response:
    return go(visit.to("pull", visit.pull().number) + (f"#{anchor}" if anchor else ""))

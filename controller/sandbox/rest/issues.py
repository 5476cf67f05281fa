"""A pull in its other form, as an issue, and its comments: https://docs.github.com/rest/issues."""

from dataclasses import replace

from controller.sandbox.errors import forbidden, invalid, not_found
from controller.sandbox.forge import allows, now
from controller.sandbox.nouns import Comment, Pull
from controller.sandbox.render.issues import comment, issue
from controller.sandbox.rest import labels
from controller.sandbox.rest.answers import Answer, created, nothing, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import ISSUE, REPO, endpoints
from controller.sandbox.rest.pulls import edited_pull
from controller.sandbox.webhooks import events

_BODY_LIMIT = 65_536


def list_issues(call: Call) -> Answer:
    """Pulls as issues, newest first, by `state`."""
    found = call.forge.pulls_of(call.repository(), call.query.get("state", "open"))
    return call.listed(found[::-1], lambda pull: issue(call.view, pull))


def get_issue(call: Call) -> Answer:
    """A pull as an issue."""
    return ok(issue(call.view, call.pull()))


def update_issue(call: Call) -> Answer:
    """Change title, body or state as for a pull, and set the labels; an issue has no base."""
    named = labels.asked_labels(call) if "labels" in call.json() else None
    edited_pull(call, None)
    if named is not None:
        labels.set_pull_labels(call)
    return get_issue(call)


def list_comments(call: Call) -> Answer:
    """A pull's conversation, oldest first; `since` narrows it to what was touched later."""
    since = call.query.get("since", "")
    found = [one for one in call.forge.comments.of(call.pull().id) if one.updated_at >= since]
    return call.listed(found, lambda one: comment(call.view, one))


def list_repository_comments(call: Call) -> Answer:
    """All pulls' conversations, oldest first; `since` narrows them to what was touched later."""
    repository, since = call.repository(), call.query.get("since", "")
    found = [
        one
        for one in call.forge.comments.all()
        if one.updated_at >= since and call.forge.pull(one.pull).repository == repository.id
    ]
    return call.listed(found, lambda one: comment(call.view, one))


def create_comment(call: Call) -> Answer:
    """Comment on a pull; whoever may read it may.

    Raises:
        RefusedError: 403, the conversation is locked for those who may not push; 422, the body is empty or over 65,536
            characters.
    """
    pull, body = call.pull(), comment_body(call)
    if pull.locked and not call.may(call.repository(), "write"):
        raise forbidden("Unable to create comment because issue is locked.")
    made = call.forge.comments.add(
        Comment(pull=pull.id, user=call.user.login, body=body, created_at=now(), updated_at=now())
    )
    call.forge.pulls.put(replace(pull, updated_at=now()))
    events.issue_comment(call.forge, made, call.user, "created")
    return created(comment(call.view, made))


def get_comment(call: Call) -> Answer:
    """A comment."""
    return ok(comment(call.view, found_comment(call)))


def update_comment(call: Call) -> Answer:
    """Edit a comment; its author may, and who may push.

    Raises:
        RefusedError: 403; 422, the body is empty or too long.
    """
    found, body = _own(call), comment_body(call)
    edited = call.forge.comments.put(replace(found, body=body, updated_at=now(), edited_at=now()))
    if body != found.body:
        events.issue_comment(call.forge, edited, call.user, "edited", changes={"body": {"from": found.body}})
    return ok(comment(call.view, edited))


def delete_comment(call: Call) -> Answer:
    """Delete a comment; its author may, and who may push."""
    found = _own(call)
    call.forge.comments.drop(found)
    events.issue_comment(call.forge, found, call.user, "deleted")
    return nothing()


def found_comment(call: Call) -> Comment:
    """The comment in the path.

    Raises:
        RefusedError: 404, there is none in this repository.
    """
    repository = call.repository()
    found = call.forge.comments.get(call.number("comment_id"))
    if found is None or _pull(call, found).repository != repository.id:
        raise not_found()
    return found


def _pull(call: Call, found: Comment) -> Pull:
    return call.forge.pull(found.pull)


def _own(call: Call) -> Comment:
    found = found_comment(call)
    check_own(call, found.user)
    return found


def comment_body(call: Call, resource: str = "IssueComment") -> str:
    """The text of a comment.

    Raises:
        RefusedError: 422, it is empty or over 65,536 characters.
    """
    body = call.take("body", str)
    if not body.strip():
        raise invalid(resource, "Body cannot be blank", "body", "missing_field")
    if len(body) > _BODY_LIMIT:
        raise invalid(resource, f"Body is too long (maximum is {_BODY_LIMIT} characters)", "body")
    return body


def check_own(call: Call, author: str) -> None:
    """Let through the author of a comment, and who may push.

    Raises:
        RefusedError: 403, the caller is neither.
    """
    if author != call.user.login and not allows(call.view.role(call.repository()), "write"):
        raise forbidden("You must have push access to the repository or be the author of the comment.")


ENDPOINTS = (
    *endpoints(
        REPO + "/issues",
        "issues/issues",
        ("issues",),
        ("GET ", list_issues),
        ("GET /{number}", get_issue),
    ),
    *endpoints(
        ISSUE,
        "issues/issues",
        ("issues", "pull_requests"),
        ("PATCH ", update_issue),
    ),
    *endpoints(
        REPO + "/issues/comments",
        "issues/comments",
        ("issues", "pull_requests"),
        ("GET ", list_repository_comments),
    ),
    *endpoints(
        REPO + "/issues/comments/{comment_id}",
        "issues/comments",
        ("issues", "pull_requests"),
        ("GET ", get_comment),
        ("PATCH ", update_comment),
        ("DELETE ", delete_comment),
    ),
    *endpoints(
        ISSUE + "/comments",
        "issues/comments",
        ("issues", "pull_requests"),
        ("GET ", list_comments),
        ("POST ", create_comment),
    ),
)

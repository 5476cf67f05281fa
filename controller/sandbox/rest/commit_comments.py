"""Comments on commits: https://docs.github.com/rest/commits/comments."""

from dataclasses import replace

from controller.sandbox.errors import not_found
from controller.sandbox.forge import now
from controller.sandbox.nouns import CommitComment
from controller.sandbox.render import commits
from controller.sandbox.render.users import Json
from controller.sandbox.rest.answers import Answer, created, nothing, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import COMMIT, REPO, endpoints
from controller.sandbox.rest.issues import check_own, comment_body
from controller.sandbox.webhooks import events


def list_in_repository(call: Call) -> Answer:
    """The comments on all commits, oldest first."""
    repository = call.repository()
    found = [one for one in call.forge.commit_comments.all() if one.repository == repository.id]
    return call.listed(found, lambda one: commits.comment(call.view, repository, one))


def list_on_commit(call: Call) -> Answer:
    """A commit's comments, oldest first."""
    repository = call.repository()
    found = call.forge.commit_comments.of((repository.id, call.commit(repository)))
    return call.listed(found, lambda one: commits.comment(call.view, repository, one))


def create_comment(call: Call) -> Answer:
    """Comment on a commit, or on a line of it.

    Raises:
        RefusedError: 422, the body is empty or over 65,536 characters.
    """
    repository = call.repository()
    made = CommitComment(
        repository=repository.id, commit_id=call.commit(repository), user=call.user.login,
        body=comment_body(call, "CommitComment"), path=call.opt("path", str), position=call.opt("position", int),
        line=call.opt("line", int), created_at=now(), updated_at=now(),
    )  # fmt: skip
    added = call.forge.commit_comments.add(made)
    events.commit_comment(call.forge, added, call.user)
    return created(_shown(call, added))


def get_comment(call: Call) -> Answer:
    """A comment."""
    return ok(_shown(call, found_comment(call)))


def update_comment(call: Call) -> Answer:
    """Edit a comment; its author may, and who may push."""
    found, body = found_comment(call), comment_body(call, "CommitComment")
    check_own(call, found.user)
    return ok(_shown(call, call.forge.commit_comments.put(replace(found, body=body, updated_at=now()))))


def delete_comment(call: Call) -> Answer:
    """Delete a comment; its author may, and who may push."""
    found = found_comment(call)
    check_own(call, found.user)
    call.forge.commit_comments.drop(found)
    return nothing()


def found_comment(call: Call) -> CommitComment:
    """The comment in the path.

    Raises:
        RefusedError: 404, there is none in this repository.
    """
    repository = call.repository()
    found = call.forge.commit_comments.get(call.number("comment_id"))
    if found is None or found.repository != repository.id:
        raise not_found()
    return found


def _shown(call: Call, found: CommitComment) -> Json:
    return commits.comment(call.view, call.forge.repository(found.repository), found)


ENDPOINTS = (
    *endpoints(
        REPO + "/comments",
        "commits/comments",
        ("metadata",),
        ("GET ", list_in_repository),
        ("GET /{comment_id}", get_comment),
    ),
    *endpoints(
        REPO + "/comments",
        "commits/comments",
        ("contents",),
        ("PATCH /{comment_id}", update_comment),
        ("DELETE /{comment_id}", delete_comment),
    ),
    *endpoints(COMMIT + "/comments", "commits/comments", ("metadata",), ("GET ", list_on_commit)),
    *endpoints(COMMIT + "/comments", "commits/comments", ("contents=read",), ("POST ", create_comment)),
)

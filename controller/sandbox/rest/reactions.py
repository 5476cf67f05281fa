"""Reactions to pulls and to every kind of comment: https://docs.github.com/rest/reactions/reactions."""

from controller.sandbox.errors import forbidden, not_found
from controller.sandbox.forge import now
from controller.sandbox.nouns import Reaction
from controller.sandbox.render.issues import REACTIONS, reaction
from controller.sandbox.rest import commit_comments, issues, review_comments
from controller.sandbox.rest.answers import Answer, nothing, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import ISSUE, REPO, endpoints
from controller.sandbox.rest.fields import one_of


def list_on_pull(call: Call) -> Answer:
    """The reactions to a pull."""
    return _list(call, call.pull().id)


def create_on_pull(call: Call) -> Answer:
    """React to a pull: 201, or 200 if the caller had done so before."""
    return _create(call, call.pull().id)


def delete_on_pull(call: Call) -> Answer:
    """Take back a reaction to a pull."""
    return _delete(call, call.pull().id)


def list_on_comment(call: Call) -> Answer:
    """The reactions to a comment."""
    return _list(call, issues.found_comment(call).id)


def create_on_comment(call: Call) -> Answer:
    """React to a comment: 201, or 200 if the caller had done so before."""
    return _create(call, issues.found_comment(call).id)


def delete_on_comment(call: Call) -> Answer:
    """Take back a reaction to a comment."""
    return _delete(call, issues.found_comment(call).id)


def list_on_review_comment(call: Call) -> Answer:
    """The reactions to a comment on a pull's diff."""
    return _list(call, review_comments.found_comment(call).id)


def create_on_review_comment(call: Call) -> Answer:
    """React to a comment on a pull's diff: 201, or 200 if the caller had done so before."""
    return _create(call, review_comments.found_comment(call).id)


def delete_on_review_comment(call: Call) -> Answer:
    """Take back a reaction to a comment on a pull's diff."""
    return _delete(call, review_comments.found_comment(call).id)


def list_on_commit_comment(call: Call) -> Answer:
    """The reactions to a comment on a commit."""
    return _list(call, commit_comments.found_comment(call).id)


def create_on_commit_comment(call: Call) -> Answer:
    """React to a comment on a commit: 201, or 200 if the caller had done so before."""
    return _create(call, commit_comments.found_comment(call).id)


def delete_on_commit_comment(call: Call) -> Answer:
    """Take back a reaction to a comment on a commit."""
    return _delete(call, commit_comments.found_comment(call).id)


def _list(call: Call, subject: int) -> Answer:
    wanted = call.query.get("content")
    found = [one for one in call.forge.reactions.of(subject) if wanted in (None, one.content)]
    return call.listed(found, lambda one: reaction(call.view, one))


def _create(call: Call, subject: int) -> Answer:
    content = one_of("content", call.take("content", str), REACTIONS)
    found = call.forge.reactions.find((subject, call.user.login, content))
    if found:
        return ok(reaction(call.view, found))
    made = Reaction(subject=subject, user=call.user.login, content=content, created_at=now())
    return Answer(201, reaction(call.view, call.forge.reactions.add(made)))


def _delete(call: Call, subject: int) -> Answer:
    found = call.forge.reactions.get(call.number("reaction_id"))
    if found is None or found.subject != subject:
        raise not_found()
    if found.user != call.user.login:
        raise forbidden("You must be the author of the reaction.")
    call.forge.reactions.drop(found)
    return nothing()


ENDPOINTS = (
    *endpoints(
        ISSUE + "/reactions",
        "reactions/reactions",
        ("issues",),
        ("GET ", list_on_pull),
        ("POST ", create_on_pull),
        ("DELETE /{reaction_id}", delete_on_pull),
    ),
    *endpoints(
        REPO + "/issues/comments/{comment_id}/reactions",
        "reactions/reactions",
        ("issues",),
        ("GET ", list_on_comment),
        ("POST ", create_on_comment),
        ("DELETE /{reaction_id}", delete_on_comment),
    ),
    *endpoints(
        REPO + "/pulls/comments/{comment_id}/reactions",
        "reactions/reactions",
        ("pull_requests",),
        ("GET ", list_on_review_comment),
        ("POST ", create_on_review_comment),
        ("DELETE /{reaction_id}", delete_on_review_comment),
    ),
    *endpoints(
        REPO + "/comments/{comment_id}/reactions",
        "reactions/reactions",
        ("contents",),
        ("GET ", list_on_commit_comment),
        ("POST ", create_on_commit_comment),
        ("DELETE /{reaction_id}", delete_on_commit_comment),
    ),
)

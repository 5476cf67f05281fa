"""Reactions to pulls and to every kind of comment: https://docs.github.com/rest/reactions/reactions."""

from collections.abc import Callable
from dataclasses import dataclass

from controller.sandbox.errors import forbidden, not_found
from controller.sandbox.forge import now
from controller.sandbox.nouns import Reaction
from controller.sandbox.render.issues import REACTIONS, reaction
from controller.sandbox.rest import commit_comments, issues, review_comments
from controller.sandbox.rest.answers import Answer, nothing, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import ISSUE, REPO, endpoints
from controller.sandbox.rest.fields import one_of


@dataclass(frozen=True, slots=True)
class Subject:
    """What is reacted to: below which address, by what permission, and how its id is found."""

    base: str
    permission: str
    find: Callable[[Call], int]

    def list(self, call: Call) -> Answer:
        """The reactions to it."""
        subject, wanted = self.find(call), call.query.get("content")
        found = [one for one in call.forge.reactions.of(subject) if wanted in (None, one.content)]
        return call.listed(found, lambda one: reaction(call.view, one))

    def create(self, call: Call) -> Answer:
        """React to it: 201, or 200 if the caller had done so before."""
        subject = self.find(call)
        content = one_of("content", call.take("content", str), REACTIONS)
        found = call.forge.reactions.find((subject, call.user.login, content))
        if found:
            return ok(reaction(call.view, found))
        made = Reaction(subject=subject, user=call.user.login, content=content, created_at=now())
        return Answer(201, reaction(call.view, call.forge.reactions.add(made)))

    def delete(self, call: Call) -> Answer:
        """Take back a reaction to it."""
        subject, found = self.find(call), call.forge.reactions.get(call.number("reaction_id"))
        if found is None or found.subject != subject:
            raise not_found()
        if found.user != call.user.login:
            raise forbidden("You must be the author of the reaction.")
        call.forge.reactions.drop(found)
        return nothing()


PULL = Subject(ISSUE, "issues", lambda call: call.pull().id)
COMMENT = Subject(
    REPO + "/issues/comments/{comment_id}", "issues", lambda call: issues.found_comment(call).id
)
REVIEW_COMMENT = Subject(
    REPO + "/pulls/comments/{comment_id}",
    "pull_requests",
    lambda call: review_comments.found_comment(call).id,
)
COMMIT_COMMENT = Subject(
    REPO + "/comments/{comment_id}", "contents", lambda call: commit_comments.found_comment(call).id
)
ENDPOINTS = tuple(
    endpoint
    for one in (PULL, COMMENT, REVIEW_COMMENT, COMMIT_COMMENT)
    for endpoint in endpoints(
        one.base + "/reactions",
        "reactions/reactions",
        (one.permission,),
        ("GET ", one.list),
        ("POST ", one.create),
        ("DELETE /{reaction_id}", one.delete),
    )
)

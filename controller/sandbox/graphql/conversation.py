"""Reviews, comments and reactions: https://docs.github.com/graphql/reference/objects#pullrequestreview."""

from typing import Any

from controller.sandbox.graphql.connections import connection
from controller.sandbox.graphql.nodes import repository_of
from controller.sandbox.graphql.pull_fields import commit_at, url
from controller.sandbox.graphql.queries import account
from controller.sandbox.graphql.resolvers import Arguments, Fields, Resolver
from controller.sandbox.nouns import Comment, Pull, Review
from controller.sandbox.render.commits import association
from controller.sandbox.render.issues import REACTIONS
from controller.sandbox.render.users import node_id
from controller.sandbox.rest.call import Call
from controller.sandbox.rules import decisions, owners
from controller.sandbox.rules.visibility import is_seen

WORDS = {
    "THUMBS_UP": "+1",
    "THUMBS_DOWN": "-1",
    **{content.upper(): content for content in REACTIONS if content.isalpha()},
}
"""REST's names of the reactions by GraphQL's."""


def _reviews(call: Call, source: Pull, arguments: Arguments) -> Any:
    states, author = arguments.get("states"), arguments.get("author")
    found = [
        one
        for one in call.forge.reviews.of(source.id)
        if is_seen(call.forge, call.user, one)
        and (not states or one.state in states)
        and (author is None or one.user.lower() == author.lower())
    ]
    return connection("reviews", found, arguments)


def _opinions(call: Call, source: Pull, arguments: Arguments) -> Any:
    repository = call.forge.repository_of(source)
    found = [
        one
        for one in decisions.opinions(call.forge, source)
        if not arguments.get("writersOnly")
        or owners.may_write(call.forge, repository, call.forge.user(one.user))
    ]
    return connection("latestOpinionatedReviews", found, arguments)


def _comments(call: Call, source: Pull, arguments: Arguments) -> Any:
    found, order = call.forge.comments.of(source.id), arguments.get("orderBy")
    if order:
        found.sort(key=lambda one: (one.updated_at, one.id), reverse=order["direction"] == "DESC")
    return connection("comments", found, arguments)


def _association(call: Call, source: Review | Comment, _arguments: Arguments) -> str:
    repository = repository_of(call.forge, source)
    return association(call.view, repository, source.user) if repository else "NONE"


def _reason(call: Call, source: Any, _arguments: Arguments) -> str | None:
    found = call.forge.minimized.find(source.id)
    return found.reason.lower().replace("_", "-") if found else None


def _lock_reason(_call: Call, source: Pull, _arguments: Arguments) -> str | None:
    return source.lock_reason.upper().replace("-", "_").replace(" ", "_") if source.lock_reason else None


def _shared(noun: str, anchor: str) -> dict[str, Resolver]:
    return {
        "id": lambda _call, source, _: node_id(noun, source.id),
        "databaseId": lambda _call, source, _: source.id,
        "fullDatabaseId": lambda _call, source, _: str(source.id),
        "author": lambda call, source, _: account(call, source.user),
        "authorAssociation": _association,
        "isMinimized": lambda call, source, _: call.forge.minimized.find(source.id) is not None,
        "minimizedReason": _reason,
        "url": lambda call, source, _: f"{url(call, call.forge.pull(source.pull))}#{anchor}{source.id}",
        "viewerDidAuthor": lambda call, source, _: source.user == call.user.login,
    }


FIELDS: Fields = {
    "PullRequest": {
        "reviews": _reviews,
        "latestOpinionatedReviews": _opinions,
        "comments": _comments,
        "activeLockReason": _lock_reason,
    },
    "PullRequestReview": {
        **_shared("PRR", "pullrequestreview-"),
        "commit": lambda call, source, _: commit_at(
            call, call.forge.pull(source.pull).repository, source.commit_id
        ),
        "createdAt": lambda call, source, _: source.submitted_at or call.forge.pull(source.pull).created_at,
        "updatedAt": lambda call, source, _: source.submitted_at or call.forge.pull(source.pull).created_at,
        "pullRequest": lambda call, source, _: call.forge.pull(source.pull),
    },
    "IssueComment": {
        **_shared("IC", "issuecomment-"),
        "lastEditedAt": lambda _call, source, _: source.edited_at,
    },
    "Reaction": {
        "id": lambda _call, source, _: node_id("REA", source.id),
        "databaseId": lambda _call, source, _: source.id,
        "content": lambda _call, source, _: next(
            word for word, old in WORDS.items() if old == source.content
        ),
        "user": lambda call, source, _: account(call, source.user),
    },
}

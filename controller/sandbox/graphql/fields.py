"""Every field whose value is not a record's own field of the same name, by type; and which type a record is of."""

from collections import ChainMap
from typing import Any

from controller.sandbox import nouns
from controller.sandbox.graphql import conversation, mutations, pull_fields, queries, queue_fields
from controller.sandbox.graphql.resolvers import Fields

_PARTS: tuple[Fields, ...] = (
    queries.FIELDS, pull_fields.FIELDS, queue_fields.FIELDS, conversation.FIELDS, mutations.FIELDS,
)  # fmt: skip
FIELDS: Fields = {
    kind: ChainMap(*(dict(part.get(kind, {})) for part in _PARTS)) for part in _PARTS for kind in part
}
_KINDS: dict[type, str] = {
    nouns.Pull: "PullRequest",
    nouns.QueueEntry: "MergeQueueEntry",
    nouns.Repository: "Repository",
    nouns.Organization: "Organization",
    nouns.Team: "Team",
    nouns.Review: "PullRequestReview",
    nouns.Comment: "IssueComment",
    nouns.Label: "Label",
    nouns.Reaction: "Reaction",
    nouns.Status: "StatusContext",
    pull_fields.CommitAt: "Commit",
    queue_fields.Queue: "MergeQueue",
}


def kind_of(found: Any) -> str:
    """The GraphQL type that a record is of."""
    if isinstance(found, nouns.User):
        return found.type
    return _KINDS[type(found)]

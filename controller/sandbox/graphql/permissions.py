"""What an App's installation needs for a field: https://docs.github.com/graphql/guides/forming-calls-with-graphql#authenticating-with-graphql."""

from controller.sandbox.errors import forbidden
from controller.sandbox.nouns import InstallationToken, Level
from controller.sandbox.permissions import holds
from controller.sandbox.rest.call import Call

_EITHER = ("issues", "pull_requests")
_TYPES: dict[str, tuple[str, ...]] = {
    "IssueComment": _EITHER,
    "Label": _EITHER,
    "MergeQueue": ("pull_requests",),
    "MergeQueueEntry": ("pull_requests",),
    "PullRequest": ("pull_requests",),
    "PullRequestReview": ("pull_requests",),
    "Reaction": _EITHER,
    "Ref": ("contents",),
    "StatusCheckRollup": ("statuses",),
    "StatusContext": ("statuses",),
    "Team": ("members",),
}
_MUTATIONS: dict[str, tuple[str, ...]] = {
    "addReaction": ("issues",),
    "removeReaction": ("issues",),
    "enqueuePullRequest": ("contents",),
    "mergePullRequest": ("contents",),
}
_ANY_MUTATION = ("pull_requests",)


def check(call: Call, kind: str, field: str) -> None:
    """Let an installation read a field or make a change, if it has the permission, or one of several.

    Raises:
        RefusedError: 403, it has not.
    """
    grant = call.view.grant
    if not isinstance(grant, InstallationToken):
        return
    is_mutation = kind == "Mutation"
    needed = _MUTATIONS.get(field, _ANY_MUTATION) if is_mutation else _TYPES.get(kind, ())
    level: Level = "write" if is_mutation else "read"
    if needed and not any(holds(grant.permissions, name, level) for name in needed):
        raise forbidden("Resource not accessible by integration")

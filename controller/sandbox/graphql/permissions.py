"""What an App's installation needs for a field: https://docs.github.com/graphql/guides/forming-calls-with-graphql#authenticating-with-graphql."""

from controller.sandbox.errors import forbidden
from controller.sandbox.nouns import InstallationToken, Level
from controller.sandbox.permissions import holds
from controller.sandbox.rest.call import Call

_TYPES: dict[str, tuple[str, Level]] = {
    "PullRequest": ("pull_requests", "read"),
    "PullRequestReview": ("pull_requests", "read"),
    "Team": ("members", "read"),
}
_MUTATIONS: dict[str, tuple[str, Level]] = {
    "addReaction": ("issues", "write"),
    "removeReaction": ("issues", "write"),
    "mergePullRequest": ("contents", "write"),
}
_ANY_MUTATION: tuple[str, Level] = ("pull_requests", "write")


def check(call: Call, kind: str, field: str) -> None:
    """Let an installation read a field or make a change, if it has the permission.

    Raises:
        RefusedError: 403, it has not.
    """
    mutation = kind == "Mutation"
    needed = _MUTATIONS.get(field, _ANY_MUTATION) if mutation else _TYPES.get(kind)
    grant = call.view.grant
    if needed and isinstance(grant, InstallationToken) and not holds(grant.permissions, *needed):
        raise forbidden("Resource not accessible by integration")

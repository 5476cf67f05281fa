"""What an App may do: https://docs.github.com/apps/creating-github-apps/registering-a-github-app/choosing-permissions-for-a-github-app."""

from collections.abc import Mapping

from controller.sandbox.nouns import Level, Role


def holds(permissions: Mapping[str, Level], name: str, level: str) -> bool:
    """Whether permissions include one: writing includes reading."""
    return permissions.get(name) in (level, "write")


def with_metadata(permissions: Mapping[str, Level]) -> dict[str, Level]:
    """Permissions with the one that comes with any other: to see that a repository is there."""
    return {"metadata": "read", **permissions} if permissions else {}


def role_of(permissions: Mapping[str, Level]) -> Role:
    """The role that comes nearest to an App's permissions."""
    if permissions.get("administration") == "write":
        return "admin"
    return "write" if "write" in permissions.values() else "read"

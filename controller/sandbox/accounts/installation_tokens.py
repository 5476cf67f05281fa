"""The tokens of installations: https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from controller.sandbox.errors import RefusedError, not_found
from controller.sandbox.forge import Forge, now
from controller.sandbox.nouns import App, Installation, InstallationToken, Level
from controller.sandbox.permissions import holds, with_metadata

LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a token is narrowed to; None is all that the installation has."""

    repositories: tuple[int, ...] | None = None
    permissions: Mapping[str, Level] = field(default_factory=dict)


def mint(forge: Forge, found: Installation, scope: Scope) -> InstallationToken:
    """Make a token of an installation: https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app.

    Raises:
        RefusedError: 403, the installation is suspended; 422, it has not what is asked for.
    """
    if found.suspended_at:
        raise suspended()
    if not all(holds(found.permissions, name, level) for name, level in scope.permissions.items()):
        raise RefusedError(422, "The permissions requested are not granted to this installation.")
    for old in forge.installation_tokens.of(found.id):
        if old.expires_at <= now():
            forge.installation_tokens.drop(old)
    expires = (datetime.now(UTC) + LIFETIME).strftime("%Y-%m-%dT%H:%M:%SZ")
    permissions = with_metadata(scope.permissions) or found.permissions
    return forge.installation_tokens.add(
        InstallationToken(
            installation=found.id,
            token=f"ghs_{secrets.token_hex(18)}",
            permissions=permissions,
            expires_at=expires,
            repositories=scope.repositories,
        )
    )


def check_usable(forge: Forge, token: InstallationToken) -> None:
    """Refuse a token that is no longer any good.

    Raises:
        RefusedError: 401, it expired; 403, the installation is suspended.
    """
    if token.expires_at <= now():
        raise RefusedError(401, "Bad credentials")
    if installation_of(forge, token).suspended_at:
        raise suspended()


def installation_of(forge: Forge, token: InstallationToken) -> Installation:
    """The installation that a token speaks for."""
    found = forge.installations.get(token.installation)
    if found is None:
        raise RefusedError(401, "Bad credentials")
    return found


def app_of(forge: Forge, token: InstallationToken) -> App:
    """The App whose installation a token speaks for."""
    found = forge.apps.get(installation_of(forge, token).app)
    if found is None:
        raise not_found()
    return found


def suspended() -> RefusedError:
    """What a suspended installation is told."""
    return RefusedError(403, "This installation has been suspended")

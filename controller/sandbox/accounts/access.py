"""Who asks: https://docs.github.com/rest/authentication/authenticating-to-the-rest-api."""

import base64

from controller.sandbox.accounts import apps, keys
from controller.sandbox.accounts.installation_tokens import app_of, check_usable
from controller.sandbox.errors import RefusedError
from controller.sandbox.forge import Forge
from controller.sandbox.nouns import App, Caller, InstallationToken, User

_PARTS_OF_JWT = 3


def token(authorization: str) -> str | None:
    """The token of an `Authorization` header: `token`, `Bearer`, or `Basic` with the token as password."""
    scheme, _, value = authorization.strip().partition(" ")
    if scheme.lower() in ("token", "bearer"):
        return value.strip()
    if scheme.lower() != "basic":
        return None
    try:
        name, _, password = base64.b64decode(value).decode().partition(":")
    except ValueError:
        return ""
    return password if password and password != "x-oauth-basic" else name  # noqa: S105 git's way to send a token as the name


def caller(forge: Forge, authorization: str) -> Caller:
    """Whom an `Authorization` header speaks for; None without one.

    Raises:
        RefusedError: 401, nobody has such a token, or it expired; 403, the installation is suspended.
    """
    given = token(authorization)
    if given is None:
        return None
    if given.count(".") == _PARTS_OF_JWT - 1:
        return keys.signer(forge, given)
    found = forge.installation_tokens.find(given) or (forge.user_of(given) if given else None)
    if found is None:
        raise RefusedError(401, "Bad credentials")
    if isinstance(found, InstallationToken):
        check_usable(forge, found)
    return found


def actor(forge: Forge, asking: Caller) -> User | None:
    """In whose name a caller acts: a user in their own, an installation in its App's bot's, an App itself in none."""
    if isinstance(asking, InstallationToken):
        return apps.bot(forge, app_of(forge, asking))
    return None if isinstance(asking, App) else asking


def user(forge: Forge, authorization: str) -> User | None:
    """In whose name an `Authorization` header acts; None without one.

    Raises:
        RefusedError: As `caller` does.
    """
    return actor(forge, caller(forge, authorization))

"""Who asks: https://docs.github.com/rest/authentication/authenticating-to-the-rest-api."""

import base64
import binascii

from controller.sandbox.errors import RefusedError
from controller.sandbox.forge import Forge
from controller.sandbox.nouns import User


def token(authorization: str) -> str | None:
    """The token of an `Authorization` header: `token`, `Bearer`, or `Basic` with the token as password."""
    scheme, _, value = authorization.strip().partition(" ")
    if scheme.lower() in ("token", "bearer"):
        return value.strip()
    if scheme.lower() != "basic":
        return None
    try:
        name, _, password = base64.b64decode(value).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return password if password and password != "x-oauth-basic" else name  # noqa: S105 git's way to send a token as the name


def user(forge: Forge, authorization: str) -> User | None:
    """The user whom an `Authorization` header speaks for; None without one.

    Raises:
        RefusedError: 401, nobody has such a token.
    """
    given = token(authorization)
    if given is None:
        return None
    found = forge.user_of(given)
    if found is None:
        raise RefusedError(401, "Bad credentials")
    return found

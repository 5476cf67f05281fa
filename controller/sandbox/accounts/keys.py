"""An App's key, and the JSON web tokens that are signed with it.

See https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app.
"""

import json
import time
from dataclasses import replace
from functools import cache
from typing import Any

from controller.sandbox.errors import RefusedError
from controller.sandbox.forge import Forge
from controller.sandbox.nouns import App

_LIFETIME = 600
_BITS, _EXPONENT = 2_048, 65_537
_ALGORITHM = "RS256"


def private_key(forge: Forge, app: App) -> str:
    """An App's private key as PEM, made at the first time: a box that nobody asks for it starts sooner."""
    if not app.private_key:
        app = forge.apps.put(replace(app, private_key=_generated()))
    return app.private_key


def signer(forge: Forge, text: str) -> App:
    """The App that signed a JSON web token.

    Raises:
        RefusedError: 401, it is none, is signed by another key, or is not valid now; 404, there is no such App.
    """
    # Only who speaks as an App pays for the import.
    import jwt  # noqa: PLC0415

    try:
        issuer = jwt.decode(text, options={"verify_signature": False}).get("iss")
        app = _issuer(forge, issuer)
        claims = json.loads(jwt.PyJWS().decode(text, _public(app.private_key), algorithms=[_ALGORITHM]))
    except (jwt.InvalidTokenError, ValueError):
        raise undecodable() from None
    _check(claims)
    return app


def undecodable() -> RefusedError:
    """What an App's endpoint says to whatever is no App's signature."""
    return RefusedError(401, "A JSON web token could not be decoded")


def _issuer(forge: Forge, issuer: Any) -> App:
    if not isinstance(issuer, str | int):
        raise RefusedError(401, "'Issuer' claim ('iss') must be an Integer")
    found = next((app for app in forge.apps.all() if str(issuer) in (str(app.id), app.client_id)), None)
    if found is None:
        raise RefusedError(404, "Integration not found")
    return found


def _check(claims: dict[str, Any]) -> None:
    expires, issued, now = claims.get("exp"), claims.get("iat"), time.time()
    if not isinstance(expires, int | float) or expires <= now:
        raise RefusedError(
            401,
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
        )
    if expires > now + _LIFETIME:
        raise RefusedError(401, "'Expiration time' claim ('exp') is too far in the future")
    # GitHub allows for no difference of clocks, and recommends to say a minute less.
    if not isinstance(issued, int) or issued > now:
        raise RefusedError(
            401,
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
        )


def _generated() -> str:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 as above
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 as above

    key = rsa.generate_private_key(public_exponent=_EXPONENT, key_size=_BITS)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


@cache
def _public(private_key: str) -> Any:
    # To read a key is to check it, which takes longer than any answer.
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 as above

    if not private_key:
        raise undecodable()
    return load_pem_private_key(private_key.encode(), None).public_key()

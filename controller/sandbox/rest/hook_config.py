"""The configuration of a webhook, as a body has it: https://docs.github.com/rest/repos/webhooks."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from controller.sandbox.errors import invalid, unprocessable
from controller.sandbox.nouns import Hook
from controller.sandbox.render.users import Json
from controller.sandbox.rest.fields import one_of, typed


def configured(found: Hook, given: Json) -> Hook:
    """A webhook with the values that are given, and its old ones where none are.

    Raises:
        RefusedError: 422, a value is none.
    """
    url = typed("config/url", given.get("url", found.url), str) or ""
    if not _is_address(url):
        raise invalid(
            "Hook", "Config must contain URL for webhooks" if not url else "url is not a valid URL", "url"
        )
    kind = one_of("config/content_type", given.get("content_type", found.content_type), ("json", "form"))
    return replace(
        found,
        url=url,
        content_type="json" if kind == "json" else "form",
        secret=_secret(given, found),
        insecure_ssl=_insecure(given, found),
    )


def _is_address(url: str) -> bool:
    try:
        address = urlsplit(url)
    except ValueError:
        return False
    return address.scheme in ("http", "https") and bool(address.hostname)


def _insecure(given: Json, found: Hook) -> bool:
    value: Any = given.get("insecure_ssl", int(found.insecure_ssl))
    if not isinstance(value, str | int | float):
        raise unprocessable(
            "Invalid request.\n\nFor 'config/insecure_ssl', the value is no string or number."
        )
    return str(value) in ("1", "True")


def _secret(given: Json, found: Hook) -> str | None:
    secret: Any = given.get("secret", found.secret)
    if secret is not None and not isinstance(secret, str):
        raise unprocessable("Invalid request.\n\nFor 'config/secret', the value is not a string.")
    return secret

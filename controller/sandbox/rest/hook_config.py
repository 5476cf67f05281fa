"""The configuration of a webhook, as a body has it: https://docs.github.com/rest/repos/webhooks."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from controller.sandbox.errors import RefusedError, invalid
from controller.sandbox.nouns import Hook
from controller.sandbox.render.users import Json
from controller.sandbox.rest.fields import one_of, typed


def configured(found: Hook, given: Json) -> Hook:
    """A webhook with the values that are given, and its old ones where none are.

    Raises:
        RefusedError: 422, a value is none.
    """
    url = typed("config/url", given.get("url", found.url), str) or ""
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise invalid(
            "Hook", "Config must contain URL for webhooks" if not url else "url is not a valid URL", "url"
        )
    kind = one_of("config/content_type", given.get("content_type", found.content_type), ("json", "form"))
    return replace(
        found,
        url=url,
        content_type="json" if kind == "json" else "form",
        secret=_secret(given, found),
        insecure_ssl=str(given.get("insecure_ssl", int(found.insecure_ssl))) in ("1", "True"),
    )


def _secret(given: Json, found: Hook) -> str | None:
    secret: Any = given.get("secret", found.secret)
    if secret is not None and not isinstance(secret, str):
        raise RefusedError(422, "Invalid request.\n\nFor 'config/secret', the value is not a string.")
    return secret

"""Values of a request's body, and what is said of those that are of the wrong form."""

import json
from collections.abc import Iterable
from typing import Any, TypeVar

from controller.sandbox.errors import RefusedError, unprocessable

T = TypeVar("T")
_DIGITS = 18
_KINDS = {str: "string", bool: "boolean", int: "integer", list: "array", dict: "object"}


def parsed(raw: bytes) -> Any:
    """A body's JSON; `{}` where there is none.

    Raises:
        RefusedError: 400, it is none, or too deep.
    """
    try:
        body = json.loads(raw, parse_constant=_no_number) if raw.strip() else {}
        # Half a surrogate pair is JSON, but no text that could be kept.
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise RefusedError(400, "Problems parsing JSON") from None
    return body


def _no_number(name: str) -> None:
    # Python reads `NaN` and `Infinity`, which JSON does not have.
    raise ValueError(name)


def typed(name: str, value: Any, kind: type[T]) -> T | None:
    """A value of a body that must be of a type, unless it is null.

    Raises:
        RefusedError: 422, it is of another one.
    """
    wrong = not isinstance(value, kind) or (kind is int and isinstance(value, bool))
    if value is not None and wrong:
        shown = json.dumps(value)
        raise unprocessable(f"Invalid request.\n\nFor 'properties/{name}', {shown} is not a {_KINDS[kind]}.")
    if isinstance(value, str) and "\0" in value:
        raise unprocessable(f"Invalid request.\n\nFor 'properties/{name}', null bytes are not allowed.")
    return None if value is None else value


def natural(text: str) -> int | None:
    """A number in an address; None where it is none, or longer than any of GitHub's."""
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else None


def strings(name: str, value: Any) -> tuple[str, ...]:
    """A list of texts in a body.

    Raises:
        RefusedError: 422, it is something else.
    """
    items = typed(name, value, list) or []
    return tuple(typed(f"{name}/items", item, str) or "" for item in items)


def integers(name: str, value: Any) -> tuple[int, ...]:
    """A list of numbers in a body.

    Raises:
        RefusedError: 422, it is something else.
    """
    items = typed(name, value, list) or []
    return tuple(typed(f"{name}/items", item, int) or 0 for item in items)


def one_of(name: str, value: str, allowed: Iterable[str]) -> str:
    """A text of a body that must be one of some.

    Raises:
        RefusedError: 422, it is none of them.
    """
    members = list(allowed)
    if value not in members:
        raise unprocessable(
            f"Invalid request.\n\nFor 'properties/{name}', {json.dumps(value)} is not a member of {json.dumps(members)}."
        )
    return value

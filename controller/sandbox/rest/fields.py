"""Values of a request's body, and what is said of those that are of the wrong form."""

import json
from collections.abc import Iterable
from typing import Any, TypeVar

from controller.sandbox.errors import unprocessable

T = TypeVar("T")
_KINDS = {str: "string", bool: "boolean", int: "integer", list: "array", dict: "object"}


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

"""Lists in pages: https://docs.github.com/graphql/guides/using-pagination-in-the-graphql-api."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from controller.sandbox.graphql.problems import Problem
from controller.sandbox.render.users import Json

_MOST = 100


def connection(name: str, items: Sequence[Any], arguments: Mapping[str, Any]) -> Json:
    """A page of a list.

    Args:
        name: The field's name, for what is said of wrong arguments.
        items: The whole list.
        arguments: `first` or `last`, and `after` or `before` a cursor.

    Raises:
        Problem: Neither `first` nor `last` is given, or one of them is out of bounds.
    """
    first, last = _bounded(name, "first", arguments), _bounded(name, "last", arguments)
    if first is None and last is None:
        message = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
        raise Problem("MISSING_PAGINATION_BOUNDARIES", message)
    start = _position(arguments.get("after"), 0)
    end = max(start, _position(arguments.get("before"), len(items) + 1) - 1)
    end = end if first is None else min(end, start + first)
    start = start if last is None else max(start, end - last)
    shown = items[start:end]
    page = {
        "startCursor": _cursor(start + 1) if shown else None,
        "endCursor": _cursor(start + len(shown)) if shown else None,
        "hasPreviousPage": start > 0,
        "hasNextPage": end < len(items),
    }
    return {"nodes": shown, "pageInfo": page, "totalCount": len(items)}


def _bounded(name: str, argument: str, arguments: Mapping[str, Any]) -> int | None:
    number: int | None = arguments.get(argument)
    if number is not None and not 0 <= number <= _MOST:
        message = f"Requesting {number} records on the `{name}` connection exceeds the `{argument}` limit of {_MOST} records."
        raise Problem("EXCESSIVE_PAGINATION", message)
    return number


def _cursor(position: int) -> str:
    return base64.b64encode(f"cursor:{position}".encode()).decode()


def _position(cursor: str | None, default: int) -> int:
    if cursor is None:
        return default
    try:
        return int(base64.b64decode(cursor).decode().removeprefix("cursor:"))
    except (binascii.Error, ValueError):
        raise Problem(
            "INVALID_CURSOR_ARGUMENTS", f"`{cursor}` does not appear to be a valid cursor."
        ) from None

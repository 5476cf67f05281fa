"""Lists page by page: https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api."""

from collections.abc import Mapping, Sequence
from typing import TypeVar
from urllib.parse import quote, urlencode

from controller.sandbox.rest.fields import natural

T = TypeVar("T")
_PER_PAGE, _MOST_PER_PAGE = 30, 100
_WHOLE = ":/[]"


def page(url: str, query: Mapping[str, str], items: Sequence[T]) -> tuple[Sequence[T], dict[str, str]]:
    """The asked page of a list, and the `Link` header to the others."""
    length, number = size(query), _positive(query.get("page"), 1)
    last = max(1, -(-len(items) // length))
    targets = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
    shown = ("prev", "first") if number >= last else ("next", "last") if number == 1 else tuple(targets)
    wanted = shown if number > 1 or last > 1 else ()
    links = [f'<{address(url, query, page=targets[name])}>; rel="{name}"' for name in wanted]
    return items[(number - 1) * length : number * length], {"Link": ", ".join(links)} if links else {}


def size(query: Mapping[str, str]) -> int:
    """How many items of a list are asked for."""
    return min(_positive(query.get("per_page"), _PER_PAGE), _MOST_PER_PAGE)


def address(url: str, query: Mapping[str, str], **place: str | int) -> str:
    """The address of another page of a list."""
    return f"{quote(url, safe=_WHOLE)}?{urlencode({**query, **place})}"


def _positive(text: str | None, default: int) -> int:
    return natural(text or "") or default

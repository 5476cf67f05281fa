"""Answers of the REST API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.sandbox.render.users import Json


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; `body` is JSON-shaped, or text or bytes to be sent as they are."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def ok(body: Any) -> Answer:
    """200 with a body."""
    return Answer(200, body)


def created(body: Json) -> Answer:
    """201 with the thing made, and its address."""
    return Answer(201, body, {"Location": body["url"]} if "url" in body else {})


def nothing() -> Answer:
    """204."""
    return Answer(204)

"""Webhooks and what was sent to them."""

from dataclasses import dataclass, field
from typing import Literal

from controller.sandbox.nouns.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook(Record):
    """A webhook of a repository or of an App (an "integration"); `target` is its id, `events` are names or `*`."""

    target: int
    target_type: Literal["repository", "integration"] = "repository"
    url: str
    content_type: Literal["json", "form"]
    secret: str | None
    insecure_ssl: bool
    events: tuple[str, ...]
    active: bool
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery(Record):
    """One attempt to deliver an event to a hook; `installation` is through which an App's hook heard of it.

    `duration` is in seconds; `status_code` is 0 when no answer came, and `status` then says why.
    """

    hook: int
    repository: int | None
    installation: int | None = None
    guid: str
    event: str
    action: str | None
    url: str
    payload: str
    redelivery: bool = False
    delivered_at: str = ""
    duration: float = 0.0
    status: str = "pending"
    status_code: int = 0
    request_headers: dict[str, str] = field(default_factory=dict)
    response_headers: dict[str, str] = field(default_factory=dict)
    response_body: str = ""

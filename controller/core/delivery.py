"""Delivery: a webhook's bytes, checked and read; no I/O.

https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from gidgethub import ValidationFailure
from gidgethub.sansio import validate_event

from controller.errors import BadSignature, MalformedDelivery

MEDIA_TYPES = ("application/json", "application/x-www-form-urlencoded")


@dataclass(frozen=True)
class Delivery:
    """One delivery: GitHub's GUID (the same when it is redelivered), the event's name, and the payload."""

    guid: str
    event: str
    payload: Mapping[str, Any]

    @property
    def action(self) -> str:
        return str(self.payload.get("action", ""))

    @property
    def repository(self) -> str | None:
        """`owner/name`, or None for a delivery about no repository."""
        repository = self.payload.get("repository")
        name = repository.get("full_name") if isinstance(repository, dict) else None
        return name if isinstance(name, str) else None


def check_signature(signature: str | None, body: bytes, secrets: Iterable[str]) -> None:
    """Accept a body that any of the secrets signed with SHA-256 (there are several while they are rotated).

    A signature by SHA-1 is not accepted, and an empty secret signs nothing, since anybody has it.

    Raises:
        BadSignature: none of them did.
    """
    said = signature if signature and signature.startswith("sha256=") else ""
    for secret in filter(None, secrets):
        try:
            validate_event(body, signature=said, secret=secret)
        except (ValidationFailure, TypeError):
            continue
        return
    raise BadSignature("the delivery is not signed with a known secret (X-Hub-Signature-256)")


def read_delivery(guid: str | None, event: str | None, media_type: str, body: bytes) -> Delivery:
    """Read the body of a delivery, JSON or form-encoded.

    Raises:
        MalformedDelivery: a header is missing, or the body is no JSON object.
    """
    if not guid or not event:
        raise MalformedDelivery("X-GitHub-Delivery and X-GitHub-Event are needed")
    try:
        text = body.decode("utf-8")
        payload = json.loads(parse_qs(text)["payload"][0] if media_type == MEDIA_TYPES[1] else text)
    except (ValueError, KeyError, RecursionError) as error:
        raise MalformedDelivery(f"the payload is not JSON: {error}") from error
    if not isinstance(payload, dict):
        raise MalformedDelivery("the payload is not a JSON object")
    return Delivery(guid, event, payload)

"""Redelivery: which of the hook's deliveries that failed are worth another attempt.

GitHub itself makes no second one (https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

KEPT = timedelta(days=3)
"""GitHub keeps deliveries for so long: https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks."""
MOST_ATTEMPTS = 4
AT_ONCE = 20
"""So many are asked for in one go: whoever was away for long is not to be buried."""

_FIRST_PAUSE = timedelta(minutes=2)
_FOR_GOOD = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    }
)
"""What we answer to a delivery that is wrong in itself."""


@dataclass(frozen=True)
class Attempt:
    """One attempt to deliver; all those of one delivery have its `guid`. `code` is our answer's, 0 where none came."""

    id: int
    guid: str
    at: datetime
    code: int

    @property
    def failed(self) -> bool:
        return not HTTPStatus.OK <= self.code < HTTPStatus.MULTIPLE_CHOICES


def due(attempts: Iterable[Attempt], now: datetime) -> tuple[Attempt, ...]:
    """The newest attempts of deliveries that are worth another one now, oldest first."""
    by_guid: defaultdict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        by_guid[attempt.guid].append(attempt)
    found = sorted(_due(by_guid.values(), now), key=lambda attempt: attempt.id)
    return tuple(found[:AT_ONCE])


def _due(deliveries: Iterable[list[Attempt]], now: datetime) -> Iterator[Attempt]:
    for tried in deliveries:
        newest = max(tried, key=lambda attempt: attempt.id)
        is_open = not any(not attempt.failed or attempt.code in _FOR_GOOD for attempt in tried)
        pause = _FIRST_PAUSE * 4 ** (len(tried) - 1)
        if is_open and len(tried) < MOST_ATTEMPTS and pause <= now - newest.at <= KEPT:
            yield newest

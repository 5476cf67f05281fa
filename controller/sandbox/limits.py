"""How much a caller may ask: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api.

Nothing of it is kept: a box that is started again counts from nothing.
"""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

Resource = Literal["core", "graphql"]
NOBODY = 0
MINUTE, HOUR = 60, 3_600


@dataclass(frozen=True, slots=True)
class Limits:
    """GitHub's numbers; None is no limit.

    Args:
        hourly: Calls of one caller.
        anonymous: Calls of everybody who says not who they are.
        content_per_minute: What one caller may make or change in a minute; GitHub takes 80.
        content_per_hour: The same in an hour; GitHub takes 500.
    """

    hourly: int = 5_000
    anonymous: int = 60
    content_per_minute: int | None = None
    content_per_hour: int | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """What a caller has used of an hour that ends at `reset`, in seconds since 1970."""

    resource: Resource
    limit: int
    used: int
    reset: int

    @property
    def remaining(self) -> int:
        """What is left."""
        return max(0, self.limit - self.used)


class Meter:
    """Counts calls by caller: a user's, an App's or an installation's id, or `NOBODY`.

    Args:
        limits: What is allowed; may be changed at any time.
        clock: Seconds since 1970.
    """

    def __init__(self, limits: Limits | None = None, clock: Callable[[], float] = time.time) -> None:
        self.limits = limits or Limits()
        self._clock = clock
        self._rates: dict[tuple[int, Resource], Rate] = {}
        self._writes: dict[int, deque[float]] = {}

    def rate(self, caller: int, resource: Resource) -> Rate:
        """What a caller has used; an hour begins with its first call."""
        limit = self.limits.anonymous if caller == NOBODY else self.limits.hourly
        found = self._rates.get((caller, resource))
        if found is None or found.reset <= self._clock():
            return Rate(resource, limit, 0, math.ceil(self._clock()) + HOUR)
        return replace(found, limit=limit)

    def spend(self, caller: int, resource: Resource, calls: int = 1) -> bool:
        """Count a call, or take one back with -1.

        Returns:
            Whether the caller had one left.
        """
        found = self.rate(caller, resource)
        if calls > found.remaining:
            return False
        self._rates[caller, resource] = replace(found, used=max(0, found.used + calls))
        return True

    def write(self, caller: int) -> bool:
        """Count something made or changed.

        Returns:
            Whether the caller may make it.
        """
        times, now = self._writes.setdefault(caller, deque()), self._clock()
        while times and times[0] <= now - HOUR:
            times.popleft()
        recent = sum(at > now - MINUTE for at in times)
        most_now, most = self.limits.content_per_minute, self.limits.content_per_hour
        if (most_now is not None and recent >= most_now) or (most is not None and len(times) >= most):
            return False
        times.append(now)
        return True

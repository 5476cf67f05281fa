"""What may go wrong with a GitHub, on demand: answers that fail, come late or get lost, and deliveries that go astray.

A fault is kept until it has struck as often as it shall. `POST /_box/faults` takes one as JSON, such as
`{"kind": "lost_answer", "where": "POST */comments", "times": 1}`; `GET` lists those that still wait, `DELETE` ends them all.
"""

import math
import threading
import time
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, ClassVar, Literal, get_args

AnswerKind = Literal["error", "lost_answer", "rate_limit", "secondary_limit", "slow"]
DeliveryKind = Literal["drop", "delay", "double", "reorder"]
ANSWERS, DELIVERIES = frozenset(get_args(AnswerKind)), frozenset(get_args(DeliveryKind))
GIT = "* */git-*"
_LIMITS = ("rate_limit", "secondary_limit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault, and where it strikes.

    Args:
        kind: `error` answers 500 and does nothing; `lost_answer` does the work and answers 502; `rate_limit` and
            `secondary_limit` answer 403 in GitHub's two ways; `slow` answers late. `drop` loses a delivery without a
            trace, `delay` sends it late, `double` twice, and `reorder` after the one that follows it.
        where: A pattern over what is asked, `POST */comments` (the address as on api.github.com), or over what is
            delivered, `pull_request.closed`; `*` stands for any characters.
        times: How often it strikes; an event once, whoever hears of it, and a limit once for as long as it lasts.
        seconds: How late, or how long a limit lasts.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    kind: AnswerKind | DeliveryKind
    where: str = "*"
    times: int = 1
    seconds: float = 1.0


class Faults:
    """The faults that wait for their turn; any thread may ask."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lasting: list[tuple[Fault, float]] = []
        self._lock = threading.Lock()

    def add(self, *faults: Fault) -> None:
        """Let these strike, after those that were asked for before."""
        with self._lock:
            self._waiting.extend(faults)

    def stop_git(self, times: int = 1_000_000) -> None:
        """Let every request of git fail, until `clear`."""
        self.add(
            Fault(kind="error", where=GIT, times=times),
            Fault(kind="error", where="* */info/refs", times=times),
        )

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._waiting.clear()
            self._lasting.clear()

    def all(self) -> list[Fault]:
        """The faults that still wait."""
        with self._lock:
            return list(self._waiting)

    def take(self, kinds: Collection[str], what: str) -> Fault | None:
        """The fault of one of some kinds that strikes now, and once less afterwards; of a limit, what is left of it."""
        with self._lock:
            return self._limit(kinds, what) or self._next(kinds, what)

    def _limit(self, kinds: Collection[str], what: str) -> Fault | None:
        at = time.monotonic()
        self._lasting = [(fault, end) for fault, end in self._lasting if end > at]
        struck = ((fault, end) for fault, end in self._lasting if _strikes(fault, kinds, what))
        return next((replace(fault, seconds=end - at) for fault, end in struck), None)

    def _next(self, kinds: Collection[str], what: str) -> Fault | None:
        for index, fault in enumerate(self._waiting):
            if _strikes(fault, kinds, what):
                left = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                self._waiting[index : index + 1] = left
                if fault.kind in _LIMITS:
                    self._lasting.append((fault, time.monotonic() + fault.seconds))
                return fault
        return None


def _strikes(fault: Fault, kinds: Collection[str], what: str) -> bool:
    return fault.kind in kinds and fnmatchcase(what, fault.where)


def read(body: bytes) -> Fault:
    """A fault as somebody asks for it over HTTP.

    Raises:
        ValueError: It is none; the message says why.
    """
    # Only who asks for faults pays for the import.
    from pydantic import TypeAdapter  # noqa: PLC0415

    fault = TypeAdapter(Fault).validate_json(body)
    if fault.times < 1 or fault.seconds < 0 or not math.isfinite(fault.seconds):
        raise ValueError("times is a number from 1 on, seconds one from 0 on that ends")
    return fault


def shown(fault: Fault) -> dict[str, Any]:
    """A fault as JSON."""
    return asdict(fault)

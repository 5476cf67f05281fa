"""StateLock: Terraform's own lock on a state, as its error tells of it.

https://developer.hashicorp.com/terraform/language/state/locking; the block is `LockInfo.String` of Terraform's
`internal/states/statemgr/locker.go`, the same for every backend.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

LONGEST = 200
"""Whoever may write the lock may write anything into it; so much of each line is believed."""

_BLOCK = re.compile(
    r"Lock Info:[ \t\r]*\n((?:[ \t│]*(?:ID|Path|Operation|Who|Version|Created|Info):.*(?:\n|$))+)"
)
_LINE = re.compile(r"^[ \t│]*(\w+):(.*)$", re.MULTILINE)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/=-]*")
_CREATED = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(\.\d+)? ([+-]\d{4})\b")
_NAMELESS = re.compile(
    r"workspace\s+is\s+already\s+locked:|already\s+locked\s+for\s+workspace\s+creation", re.IGNORECASE
)
"""PostgreSQL's locks have no name on them: the block tells then of whoever asked, not of the holder."""


@dataclass(frozen=True)
class StateLock:
    """Who has a state locked, in Terraform's words.

    Attributes:
        id: what `terraform force-unlock` wants to hear; some backends have numbers or names of their own for it.
        path: where the lock is, in the backend's own way.
        operation: what its holder does, like `OperationTypeApply`.
        who: `user@machine`; the user is empty where it has no name there.
        version: its holder's Terraform.
        created: when, by its holder's clock; None where that cannot be read.
        info: free text; empty in practice.
    """

    id: str
    path: str = ""
    operation: str = ""
    who: str = ""
    version: str = ""
    created: datetime | None = None
    info: str = ""

    @property
    def host(self) -> str:
        """The machine on which it was made: what follows the user's name in `who`."""
        return self.who.rpartition("@")[2]


def read_lock(text: str) -> StateLock | None:
    """The lock that an error of Terraform's tells of.

    Args:
        text: the error as a person reads it (a diagnostic's detail, or what a step printed on standard error).

    Returns:
        The lock; None where the text tells of none, of one without an id that could be one, or of whoever asked only.
    """
    block = _BLOCK.search(text)
    if block is None or _NAMELESS.search(text):
        return None
    lines = _read_lines(_LINE.findall(block[1]))
    if not _ID.fullmatch(lines.get("ID", "")):
        return None
    return StateLock(
        lines["ID"],
        lines.get("Path", ""),
        lines.get("Operation", ""),
        lines.get("Who", ""),
        lines.get("Version", ""),
        _read_time(lines.get("Created", "")),
        lines.get("Info", ""),
    )


def _read_lines(found: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The first line of each name counts: what comes later may be somebody's text that went over its line's end."""
    lines: dict[str, str] = {}
    for name, value in found:
        lines.setdefault(name, "".join(filter(str.isprintable, value)).strip()[:LONGEST])
    return lines


def _read_time(text: str) -> datetime | None:
    """A time as Go prints it, to the microsecond; its zero is none (https://pkg.go.dev/time#Time.String)."""
    found = _CREATED.match(text)
    if found is None:
        return None
    second, fraction, zone = found.groups(default=".0")
    try:
        created = datetime.strptime(f"{second}{fraction[:7]}{zone}", "%Y-%m-%d %H:%M:%S.%f%z").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return created if created.year > 1 else None

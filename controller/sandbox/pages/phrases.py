"""Times and numbers in words."""

from datetime import UTC, datetime

_UNITS = (("minute", 60), ("hour", 3_600), ("day", 86_400))
_SOON, _LONG = 60, 30 * 86_400
_KIB = 1_024


def ago(at: str) -> str:
    """How long ago a time in GitHub's form was, as GitHub says it; the date itself after thirty days."""
    then, today = datetime.fromisoformat(at), datetime.now(UTC)
    seconds = int((today - then).total_seconds())
    if seconds < _SOON:
        return "just now"
    if seconds >= _LONG:
        return f"on {then:%b} {then.day}" + (f", {then.year}" if then.year != today.year else "")
    unit, length = [unit for unit in _UNITS if seconds >= unit[1]][-1]
    return f"{counted(seconds // length, unit)} ago"


def exact(at: str) -> str:
    """A time in full."""
    return f"{datetime.fromisoformat(at):%d %b %Y, %H:%M:%S UTC}"


def counted(number: int, noun: str) -> str:
    """A number and its noun: `1 commit`, `2 commits`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def size(number: int | None) -> str:
    """A file's size."""
    amount = number or 0
    return f"{amount} Bytes" if amount < _KIB else f"{amount / _KIB:.1f} KB"


def web_link(address: str | None) -> str | None:
    """An address that may be linked to; None for `javascript:` and the like."""
    return address if (address or "").startswith(("http://", "https://")) else None

"""A diff to read: lines with both their numbers."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from controller.sandbox.git.changes import FileChange

_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
_KINDS = {"+": "added", "-": "removed", "\\": "note", "@": "hunk"}
_MOST_LINES = 3_000
_SQUARES = 5


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a diff; `old` and `new` are its numbers, None on the side that does not have it."""

    kind: str
    old: int | None
    new: int | None
    text: str


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A changed file; `anchor` is what GitHub calls its place on the page, `lines` None for what has no text."""

    change: FileChange
    anchor: str
    lines: tuple[Line, ...] | None
    too_long: bool

    @property
    def squares(self) -> list[str]:
        """Five squares: how much of it is added and removed."""
        total = self.change.additions + self.change.deletions
        added = round(_SQUARES * self.change.additions / total) if total else 0
        removed = min(_SQUARES - added, total - self.change.additions) if total else 0
        return ["added"] * added + ["removed"] * removed + ["same"] * (_SQUARES - added - removed)


def shown_files(changes: list[FileChange]) -> list[ShownFile]:
    """Changed files with their lines; a very long diff is not shown, as on GitHub."""
    return [_shown(change) for change in changes]


def lines_of(patch: str) -> Iterator[Line]:
    """A patch, line by line."""
    old = new = 0
    for text in patch.split("\n"):
        kind = _KINDS.get(text[:1], "same")
        if kind == "hunk":
            old, new = _starts(text)
        is_old, is_new = kind in ("removed", "same"), kind in ("added", "same")
        content = text if kind in ("hunk", "note") else text[1:]
        yield Line(kind, old if is_old else None, new if is_new else None, content)
        old, new = old + is_old, new + is_new


def _shown(change: FileChange) -> ShownFile:
    anchor = "diff-" + hashlib.sha256(change.filename.encode()).hexdigest()
    too_long = (change.patch or "").count("\n") > _MOST_LINES
    lines = None if change.patch is None or too_long else tuple(lines_of(change.patch))
    return ShownFile(change, anchor, lines, too_long)


def _starts(text: str) -> tuple[int, int]:
    found = _HUNK.match(text)
    return (int(found[1]), int(found[2])) if found else (0, 0)

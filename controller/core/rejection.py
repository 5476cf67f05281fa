"""Rejection: why a file cannot be accepted, where, and the way out."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, order=True, slots=True)
class Rejection:
    """One mistake in one file.

    `line` and `column` count from 1; `field` is a dotted path (`parameters.size`), empty for the whole file.
    """

    path: str
    line: int
    column: int
    field: str
    problem: str
    way_out: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}:{self.column}"
        field = f" {self.field}:" if self.field else ""
        return f"{place}:{field} {self.problem}. {self.way_out}"


def nearest(word: str, known: Iterable[str | int]) -> str:
    """The way out for a name that is not known: the nearest known one, or all of them in their own order."""
    names = sorted(known) if isinstance(known, AbstractSet) else [str(name) for name in known]
    match = get_close_matches(word, names, n=1, cutoff=0.6)
    if match:
        return f"Did you mean `{match[0]}`?"
    return f"Choose one of {', '.join(f'`{name}`' for name in names)}." if names else "None is offered here."

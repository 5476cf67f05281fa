"""docs/reliability.md: what the lane found, written between the marks that it keeps there."""

import re
from collections import Counter
from pathlib import Path

from tests.faults.matrix import WITHOUT
from tests.faults.scenes import WORDS
from tests.faults.strikes import FAULTS

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"


def table(stories):
    """The matrix with counts.

    Args:
        stories: of each its state, its fault, and what came of it: `survived`, `Lost`, `Doubled`, `skipped`, or else.
    """
    came = Counter((state, fault, what) for state, fault, what in stories)
    ends = Counter(what for _, _, what in stories)
    tried = len(stories) - ends["skipped"]
    return "\n".join(
        (
            f"**Survived {ends['survived']} of {tried}; lost {ends['Lost']}, doubled {ends['Doubled']}.**",
            "",
            f"| while a run … | {' | '.join(WORDS.values())} |",
            f"|---{'|---' * len(WORDS)}|",
            *(f"| {fault.words} | {_cells(came, name)} |" for name, fault in FAULTS.items()),
        )
    )


def _cells(came, fault):
    return " | ".join(_cell(came, state, fault) for state in WORDS)


def _cell(came, state, fault):
    if (state, fault) in WITHOUT:
        return ""
    tried = sum(times for (at, by, what), times in came.items() if (at, by) == (state, fault) and what != "skipped")  # fmt: skip
    return f"{came[state, fault, 'survived']} / {tried}" if tried else "not tried"


def write(name, text):
    """Put a text between a page's marks."""
    page = PAGE.read_text("utf-8")
    marks = f"<!-- {name}: written by {MAKES[name]} -->", f"<!-- /{name} -->"
    pattern = f"({re.escape(marks[0])}\n).*?({re.escape(marks[1])})"
    PAGE.write_text(re.sub(pattern, lambda found: f"{found[1]}{text}\n{found[2]}", page, flags=re.DOTALL), "utf-8")  # fmt: skip


MAKES = {"matrix": "make faults", "figures": "make faults", "soak": "make soak"}

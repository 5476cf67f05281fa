"""What the benchmarks share: product and baseline take turns, and what came of it goes to docs/performance.md.

A machine is never quite idle, and it is not the same machine a minute later. So whoever is compared is measured in one
run, by turns, and medians are compared; `--write` puts the figures into the page, between the markers of their section.
"""

import argparse
import os
import re
import statistics
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from controller.bootstrap import make_terraform
from controller.capacity import read_machine
from controller.errors import TerraformAbsent
from controller.settings import read_settings

PAGE = Path(__file__).parents[1] / "docs/performance.md"

Measured = TypeVar("Measured")


@dataclass(frozen=True)
class Limit:
    """What must hold, in words, and whether it does."""

    words: str
    holds: bool


@dataclass(frozen=True)
class Report:
    """What a benchmark found: its section's name, a table's rows (the first is its head), and the limits."""

    name: str
    rows: Sequence[Sequence[str]]
    limits: Sequence[Limit]
    remark: str = ""

    @property
    def text(self) -> str:
        """The section, in Markdown."""
        told = [f"- {'holds' if limit.holds else '**broken**'}: {limit.words}" for limit in self.limits]
        remarks = [self.remark, ""] if self.remark else []
        return "\n".join([*_table(self.rows), "", *told, "", *remarks, f"Measured on {machine()}."])


def options(description: str | None, sizes: Mapping[str, int], **words: str) -> argparse.Namespace:
    """The command line: numbers with their defaults, words with their help, and whether the page is written."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, size in sizes.items():
        parser.add_argument(f"--{name}", type=int, default=size, help=f"{size} where it is not said")
    for name, told in words.items():
        parser.add_argument(f"--{name}", default="", help=told)
    parser.add_argument("--write", action="store_true", help="write the section of docs/performance.md")
    return parser.parse_args()


def take_turns(
    rounds: int, contestants: Mapping[str, Callable[[int], Measured]]
) -> dict[str, list[Measured]]:
    """Let each contestant do round after round; who begins changes, so that nobody always comes second."""
    measured: dict[str, list[Measured]] = {name: [] for name in contestants}
    for number in range(rounds):
        names = list(contestants) if number % 2 == 0 else list(reversed(contestants))
        for name in names:
            measured[name].append(contestants[name](number))
    return measured


def spread(values: Iterable[float]) -> tuple[float, float, float]:
    """The median, the least and the greatest."""
    known = sorted(values)
    return statistics.median(known), known[0], known[-1]


def percentile(values: Iterable[float], share: float) -> float:
    """The least value that at least this share of the values does not exceed."""
    known = sorted(values)
    return known[max(0, -int(-share * len(known) // 1) - 1)]


def machine() -> str:
    """What it ran on, as far as it matters, and nothing that names it."""
    version = ".".join(map(str, sys.version_info[:3]))
    return f"{read_machine().cores:g} cores, {sys.platform}, Python {version}, {_terraform()}"


def publish(report: Report, *, write: bool) -> int:
    """Print a report and, if asked, write it to the page; the exit code: 1 where a limit is broken."""
    print(report.text)
    if write:
        PAGE.write_text(with_section(PAGE.read_text("utf-8"), report.name, report.text), "utf-8")
    return 0 if all(limit.holds for limit in report.limits) else 1


def with_section(page: str, name: str, text: str) -> str:
    """The page with another text between the markers of a section.

    Raises:
        SystemExit: the page has no such markers.
    """
    begin, end = rf"<!-- {name}: written by benchmarks/\w+\.py -->\n", f"<!-- /{name} -->"
    section = re.compile(f"({begin}).*?({end})", re.DOTALL)
    if not section.search(page):
        raise SystemExit(
            f"the page has no section `{name}`: put `<!-- {name}: written by … -->` and `{end}` there"
        )
    return section.sub(lambda found: f"{found[1]}\n{text}\n\n{found[2]}", page, count=1)


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    head, *body = rows
    rule = ["---", *("---:" for _ in head[1:])]
    return [f"| {' | '.join(row)} |" for row in (head, rule, *body)]


def _terraform() -> str:
    try:
        return make_terraform(read_settings(data=Path(os.devnull))).version()
    except TerraformAbsent:
        return "no Terraform"

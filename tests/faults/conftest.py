"""Faults as a suite: whole products in many processes, of which parts are taken away. `make faults` runs it."""

from pathlib import Path

import pytest

from tests.faults import table
from tests.faults.fleet import running_fleet
from tests.faults.grounds import on_small_disk, with_clock
from tests.faults.matrix import pairwise

HERE = Path(__file__).parent
ENDS = ("passed", "failed", "skipped", "error")


@pytest.fixture(scope="session")
def fleet(tmp_path_factory):
    with running_fleet(tmp_path_factory.mktemp("fleet")) as fleet:
        yield fleet


@pytest.fixture(scope="session")
def fleet_on_small_disk(tmp_path_factory):
    with on_small_disk(tmp_path_factory.mktemp("small")) as fleet:
        yield fleet


@pytest.fixture
def fleet_with_clock(tmp_path):
    """One for each story: a clock that was set back would be another story."""
    with with_clock(tmp_path) as fleet:
        yield fleet


def pytest_collection_modifyitems(items):
    """They take minutes, but for one case of each class, which is an end-to-end test like others."""
    for item in items:
        if HERE in item.path.parents and not item.get_closest_marker("e2e"):
            item.add_marker(pytest.mark.faults)
            item.add_marker(pytest.mark.e2e)


def pytest_terminal_summary(terminalreporter):
    """Print the table, and write it down where the whole matrix was tried."""
    told = [(end, dict(one.user_properties)) for end in ENDS for one in terminalreporter.stats.get(end, ()) if hasattr(one, "user_properties")]  # fmt: skip
    stories = [(*facts["case"], _came(end, facts)) for end, facts in told if "case" in facts]
    figures = {name: value for _, facts in told for name, value in facts.items() if name in FIGURES}
    if stories:
        terminalreporter.write_line(table.table(stories))
    if len(stories) == len(pairwise()):
        table.write("matrix", table.table(stories))
    for name, value in figures.items():
        terminalreporter.write_line(FIGURES[name].format(value))
    if set(figures) == set(FIGURES):
        lines = (f"- {FIGURES[name].format(figures[name])}" for name in FIGURES)
        table.write("figures", "\n".join(lines))


def _came(end, facts):
    return {"passed": "survived", "skipped": "skipped"}.get(end) or facts.get("came", end)


FIGURES = {
    "takeover": "`kill -9` of a worker in mid-apply, default settings: its run is on another worker after {} s.",
    "copies": "Copies of one delivery at once, and what came of them: {}.",
    "walk": "Random walks: {}.",
}
"""What tests tell of themselves, by name, and in which words."""

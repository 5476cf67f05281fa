"""The benchmarks' own arithmetic, and that they run; what they measure is no matter for tests."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.figures import Limit, Report, percentile, publish, spread, take_turns, with_section

PAGE = "# Page\n\n<!-- speed: written by benchmarks/speed.py -->\nold\n<!-- /speed -->\n\nLast words.\n"


def test_contestants_take_turns_and_nobody_always_begins():
    order = []
    measured = take_turns(3, {name: lambda n, name=name: order.append(name) or n for name in "ab"})
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert measured == {"a": [0, 1, 2], "b": [0, 1, 2]}


def test_a_spread_is_the_median_the_least_and_the_greatest():
    assert spread([3.0, 1.0, 10.0]) == (3.0, 1.0, 10.0)


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1, 100), (0.001, 1)])
def test_a_percentile_is_a_value_that_was_measured(share, value):
    assert percentile(range(100, 0, -1), share) == value


def test_a_section_is_written_between_its_markers_and_nothing_else_changes():
    page = with_section(PAGE, "speed", r"new \1")
    assert page == PAGE.replace("old\n", "\nnew \\1\n\n")
    assert with_section(page, "speed", r"new \1") == page


def test_a_page_without_the_section_is_an_error_with_a_way_out():
    with pytest.raises(SystemExit, match="put `<!-- other: written by"):
        with_section(PAGE, "other", "text")


@pytest.mark.parametrize(("holds", "code"), [(True, 0), (False, 1)])
def test_a_limit_that_is_broken_fails_the_benchmark(holds, code, capsys):
    report = Report("speed", [("what", "median"), ("ours", "1 ms")], [Limit("under 2 ms", holds)])
    assert publish(report, write=False) == code
    assert f"- {'holds' if holds else '**broken**'}: under 2 ms" in capsys.readouterr().out


@pytest.mark.e2e
@pytest.mark.parametrize(
    "argv",
    [
        "accept --rounds 1 --seconds 1",
        "box 2",
        "end_to_end --rounds 1",
        "pickup --rounds 1",
        "reconcile --requests 20 --pulls 2",
        "thousand --requests 2 --rounds 1",
        "validate 10",
        "webhook 3",
    ],
)
def test_each_benchmark_runs_to_its_end_whatever_it_measures(argv):
    name, *arguments = argv.split()
    done = subprocess.run(
        (sys.executable, f"benchmarks/{name}.py", *arguments),
        cwd=Path(__file__).parents[1],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.stdout and done.returncode in (0, 1) and "Traceback" not in done.stderr, done.stderr

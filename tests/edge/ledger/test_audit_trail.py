"""There is no way around the audit trail: whoever writes a run's state writes a line of it."""

import ast
import re
from pathlib import Path

import pytest
from sqlalchemy import event

import controller

ROOT = Path(controller.__file__).parent
TRAIL = "edge/ledger/transitions.py"
BESIDE = {"edge/ledger/leases.py": {"beat", "lease_until"}, "edge/ledger/reminders.py": {"due", "reminders"}}
"""Who else writes a run's row, and which columns: none of them is its state."""


def sources():
    return {str(path.relative_to(ROOT)): path.read_text() for path in ROOT.rglob("*.py")}


def writes(source):
    """Where SQLAlchemy is told to write the table of runs."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            told = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            of = [node.func.value] if isinstance(node.func, ast.Attribute) else node.args
            if told in {"update", "insert", "delete"} and any(
                getattr(each, "id", "") == "runs" for each in of
            ):
                yield node


def test_only_one_module_makes_runs_and_writes_their_states():
    places = {path for path, source in sources().items() if any(writes(source))}
    assert places == {TRAIL, *BESIDE}


def test_nobody_writes_them_in_words():
    words = re.compile(r"\b(update|insert into|delete from)\s+\"?runs\b", re.IGNORECASE)
    assert [path for path, source in sources().items() if words.search(source)] == []


@pytest.mark.edge
def test_those_beside_it_write_other_columns(world):
    written = []

    def note(conn, cursor, statement, *rest):
        if statement.startswith("UPDATE runs SET"):
            written.append(frozenset(re.findall(r"(\w+)=", statement.partition("WHERE")[0])))

    event.listen(world.engine, "before_cursor_execute", note)
    lease = world.claim(world.open()).lease
    claimed = len(written)
    world.ledger.beat(lease)
    world.open(name="other")
    world.clock.sleep(31)
    world.ledger.sent(world.ledger.sweep())
    world.clock.sleep(61)
    world.ledger.sweep()
    assert claimed == 1
    beside = [columns for columns in written[claimed:] if "state" not in columns]
    assert set(map(frozenset, BESIDE.values())) == set(beside)


@pytest.mark.edge
def test_a_line_is_written_with_each_state_or_not_at_all(world, monkeypatch):
    """In one transaction: what cannot be told does not happen."""
    run = world.open()

    def fail(*_):
        raise RuntimeError("no ink")

    monkeypatch.setattr("controller.edge.ledger.transitions._note", fail)
    for act in (lambda: world.ledger.claim(run, "w1"), lambda: world.open(name="other")):
        with pytest.raises(RuntimeError):
            act()
    assert world.sql("SELECT id, state FROM runs") == [(run, "waiting")]
    assert world.sql("SELECT count(*) FROM events") == [(1,)]


@pytest.mark.edge
def test_a_line_says_when_who_which_run_from_where_to_where_and_why(world):
    lease = world.claim(world.open()).lease
    world.clock.sleep(41)
    world.ledger.sweep()
    line = world.views.events(lease.run)[0]
    assert (line.at, line.run, line.actor) == (world.clock.now, lease.run, "infrautomater")
    assert (line.before, line.after) == ("running:claimed", "ended:interrupted")
    assert line.why == ("its worker w1 was last heard at 2026-11-22 12:00:00 UTC; another attempt goes on")

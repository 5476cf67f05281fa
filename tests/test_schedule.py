"""What time triggers: each tick is told once over all schedules, at once at start, with or without a broker."""

import shutil
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from controller import schedule
from controller.edge.ledger import SqlTurns, make_engine, migrate
from controller.errors import GitError, GitHubError, QueueError
from controller.schedule import Complaints, Tick, run_schedule
from controller.settings import Settings

STORIES = ("sweep", "reconcile", "refresh", "redeliver")


@dataclass
class Clock:
    now: datetime = field(default_factory=lambda: datetime(2026, 11, 22, 12, 0, tzinfo=UTC))

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def empty_ledger(tmp_path_factory):
    path = tmp_path_factory.mktemp("ledger") / "empty.sqlite"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def new_ports(tmp_path, empty_ledger):
    """Makes the ports of a schedule process; all of them share one ledger and one clock."""
    path = tmp_path / "ledger.sqlite"
    shutil.copyfile(empty_ledger, path)
    engine, clock = make_engine(f"sqlite:///{path}"), Clock()
    yield lambda me: SimpleNamespace(turns=SqlTurns(engine, clock), now=clock, me=me)
    engine.dispose()


def told(monkeypatch, failing=()):
    """What the stories are told to, by name, as they are told."""
    names = []

    def story(name):
        def tell(ports):
            names.append(name)
            if name in failing:
                raise GitHubError("GitHub does not answer")

        return tell

    for name in STORIES:
        monkeypatch.setattr(schedule, name, story(name))
    return names


@pytest.fixture(autouse=True)
def _hurried(monkeypatch):
    monkeypatch.setattr(schedule, "COURTESY", 0.01)


def run(ports, until, **settings):
    stop = threading.Event()
    thread = threading.Thread(target=run_schedule, args=(ports, Settings(**settings), stop))
    thread.start()
    end = time.monotonic() + 10
    while not until() and time.monotonic() < end:
        time.sleep(0.005)
    stop.set()
    thread.join(10)
    assert until()
    assert not thread.is_alive()


def test_everything_is_told_at_once_since_nobody_knows_what_was_missed(monkeypatch, new_ports):
    names = told(monkeypatch)
    run(new_ports("one"), lambda: len(names) == len(STORIES))

    assert sorted(names) == sorted(STORIES)


def test_two_schedules_tell_each_tick_once(monkeypatch, new_ports):
    names = told(monkeypatch)
    for me in ("one", "two", "three"):
        tick = Tick("sweep", 5.0, partial(names.append, me))
        schedule._tick(new_ports(me), tick, Complaints())

    assert names == ["one"]


def test_a_tick_that_fails_is_another_schedule_s_to_tell(new_ports):
    told, complaints = [], Complaints()

    def fail():
        told.append("one")
        raise QueueError("the broker is away")

    for _ in range(2):
        schedule._tick(new_ports("one"), Tick("sweep", 5.0, fail), complaints)
    schedule._tick(new_ports("two"), Tick("sweep", 5.0, partial(told.append, "two")), Complaints())
    schedule._tick(new_ports("three"), Tick("sweep", 5.0, partial(told.append, "three")), Complaints())

    assert told == ["one", "one", "two"]


def test_two_schedules_of_one_name_tell_each_tick_once(new_ports):
    told = []
    for _ in range(2):
        schedule._tick(new_ports("host:1"), Tick("sweep", 5.0, partial(told.append, 1)), Complaints())

    assert told == [1]


def test_the_next_tick_is_told_again(monkeypatch, new_ports):
    names = told(monkeypatch)
    ports = new_ports("one")
    for _ in range(3):
        schedule._tick(ports, Tick("sweep", 5.0, lambda: names.append("sweep")), Complaints())
        ports.now.now += timedelta(seconds=5)

    assert len(names) == 3


def test_a_tick_that_fails_stops_no_other(monkeypatch, new_ports):
    names = told(monkeypatch, failing={"sweep", "reconcile"})
    ports = new_ports("one")

    def until():
        ports.now.now += timedelta(seconds=1)
        return names.count("sweep") >= 3

    run(ports, until, sweep_every=0.02)

    assert "refresh" in names


def test_a_schedule_ends_when_it_is_told_to(monkeypatch, new_ports):
    names = told(monkeypatch)
    stop = threading.Event()
    stop.set()
    run_schedule(new_ports("one"), Settings(), stop)

    assert set(names) <= set(STORIES)


def test_a_late_tick_is_told_and_not_dropped(monkeypatch, new_ports):
    """A scheduler that comes round late, as after the machine was suspended, drops such jobs by default."""
    names = told(monkeypatch)
    begun = schedule.datetime

    class Late(begun):
        @classmethod
        def now(cls, tz=None):
            return begun.now(tz) - timedelta(minutes=7, seconds=3)

    monkeypatch.setattr(schedule, "datetime", Late)
    run(new_ports("one"), lambda: len(set(names)) == len(STORIES))


def test_what_goes_wrong_is_said_once_for_each_kind_and_that_it_works_again_too(new_ports):
    errors = iter(
        [GitHubError("away"), GitHubError("away still"), GitError("no route"), None, GitHubError("away")]
    )

    def story():
        error = next(errors)
        if error:
            raise error

    ports, tick, complaints = new_ports("one"), Tick("reconcile", 5.0, story), Complaints()
    with capture_logs() as said:
        for _ in range(5):
            schedule._tick(ports, tick, complaints)
            ports.now.now += timedelta(seconds=5)

    assert [(line["event"], line.get("error")) for line in said] == [
        ("tick failed", "away"),
        ("tick failed", "no route"),
        ("tick works again", None),
        ("tick failed", "away"),
    ]
    assert {line["tick"] for line in said} == {"reconcile"}

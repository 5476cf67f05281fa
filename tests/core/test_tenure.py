"""Who has a state in hands: nothing is taken from the living or the unknown."""

from datetime import UTC, datetime, timedelta

import pytest

from controller.core.lock import StateLock
from controller.core.outcome import Applied, Cause, Failed, Interrupted
from controller.core.run import Ended, Running, Waiting
from controller.core.tenure import (
    GRACE,
    Alive,
    End,
    Free,
    FreshLock,
    LeftLock,
    Silent,
    StrangeLock,
    Tenure,
    holder,
    keeper,
    met_lock,
)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MADE = "4f1c"


def at(minutes, seconds=0):
    return NOON + timedelta(minutes=minutes, seconds=seconds)


def lock(minutes=1, who="root@box"):
    return StateLock(MADE, "dev/orders", "OperationTypeApply", who, "1.11.4", at(minutes))


def tenure(run=12, worker="box:4711", *, lease=None, ended=3, since=0, end=End.CUT, met=""):
    ended_at = at(ended) if ended is not None and lease is None else None
    return Tenure(run, worker, "apply", at(since), at(since, 30), lease, ended_at, end, met)


def test_a_run_whose_worker_is_heard_of_is_alive():
    found = holder([tenure(lease=at(2))], None, at(1))

    assert isinstance(found, Alive) and not found.is_safe
    assert found.told(at(1)) == (
        "held by run 12 at apply on worker `box:4711`, last heard 30 s ago; it is alive: wait for its end"
    )


def test_a_run_whose_lease_is_over_is_taken_over():
    found = holder([tenure(lease=at(2))], None, at(12, 30))

    assert isinstance(found, Silent) and found.is_safe
    assert found.told(at(12, 30)).endswith("last heard 12 min ago; its lease is over; safe")


def test_a_lease_goes_before_a_lock():
    assert isinstance(holder([tenure(lease=at(5)), tenure(11)], lock(), at(4)), Alive)


def test_nobody_is_at_work_where_no_run_is_leased_and_no_lock_is_known():
    assert holder([tenure()], None, at(60)) == Free()
    assert holder([], None, at(60)) == Free()


def test_a_lock_of_a_dead_run_is_safe_once_its_terraform_must_have_ended():
    found = holder([tenure(ended=3)], lock(), at(3) + GRACE)

    assert isinstance(found, LeftLock) and found.is_safe
    assert found.told(at(15)) == (
        "held by run 12 at apply on worker `box:4711`, last heard 14 min ago; "
        "Terraform lock `4f1c` was created in that run; safe"
    )


def test_a_lock_of_a_dead_run_is_let_alone_as_long_as_its_terraform_may_save_its_state():
    found = holder([tenure(ended=3)], lock(), at(3) + GRACE - timedelta(seconds=1))

    assert isinstance(found, FreshLock) and not found.is_safe
    assert "safe from 12:14:00 UTC on" in found.told(at(4))


@pytest.mark.parametrize(
    "strange",
    [
        lock(-1),
        lock(60),
        lock(who="alice@laptop"),
        lock(who="root@box2"),
        lock(who=""),
        StateLock(MADE),
    ],
    ids=["older than the run", "younger", "another machine", "a longer name", "nobody", "no time"],
)
def test_a_lock_that_no_run_made_is_never_safe(strange):
    found = holder([tenure()], strange, at(600))

    assert isinstance(found, StrangeLock) and not found.is_safe
    assert "force-unlock 4f1c" in found.told(at(600))


@pytest.mark.parametrize(
    ("run", "made"),
    [
        (tenure(end=End.CLEAN), 1),
        (tenure(end=End.CLEAN), 5),
        (tenure(end=End.FAILED), 5),
        (tenure(end=End.FAILED, met=MADE), 1),
        (tenure(end=End.CUT, met=MADE), 1),
    ],
    ids=[
        "in the time of a run that ended well",
        "after one that ended well",
        "after one that failed",
        "in the time of one that it kept from the state",
        "in the time of one that it kept from the state and that was cut off",
    ],
)
def test_a_person_on_the_worker_s_machine_keeps_their_lock(run, made):
    assert isinstance(holder([run], lock(made), at(600)), StrangeLock)
    assert isinstance(keeper([run], lock(made), 13, at(600)), StrangeLock)


def test_a_lock_that_a_failed_run_could_not_release_is_its_own():
    assert isinstance(holder([tenure(end=End.FAILED)], lock(2), at(600)), LeftLock)


def test_a_lock_belongs_to_the_run_in_whose_time_it_was_made():
    runs = [tenure(11, ended=3), tenure(12, since=20, ended=24), tenure(13, since=40, ended=41)]

    assert holder(runs, lock(21), at(600)).tenure.run == 12


def test_what_keeps_a_run_from_its_state_is_never_its_own_lock():
    mine = tenure(13, since=20, lease=at(60), ended=None)

    assert isinstance(keeper([mine, tenure(12)], lock(1), 13, at(30)), LeftLock)
    assert isinstance(keeper([mine, tenure(12)], lock(25), 13, at(30)), StrangeLock)


def test_a_run_that_lives_keeps_its_lock():
    assert isinstance(keeper([tenure(12, lease=at(60), ended=None)], lock(1), 13, at(30)), Alive)


def test_a_lock_is_known_from_the_newest_run_that_came_to_something(run):
    failed = run(Ended(Failed("plan", Cause.LOCK_HELD, "locked", lock=lock())))

    assert met_lock([run(Waiting()), failed]) == lock()
    assert met_lock([run(Ended(Applied({}))), failed]) is None
    assert met_lock([run(Ended(Interrupted("plan", "lost"))), failed]) is None
    assert met_lock([run(Running("w", 1)), failed]) is None
    assert met_lock([]) is None

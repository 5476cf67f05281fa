"""What failed for a cause that may pass is tried again by itself, thrice in all, and never for ever."""

import pytest

from controller.core.decision import Decision
from controller.core.outcome import Cause, Failed, Interrupted, Withdrawn
from controller.core.run import Ended, Operation, Tries, Waiting
from controller.core.wish import Retry, Withdrawal
from controller.errors import IllegalTransition

pytestmark = pytest.mark.edge

THROTTLED = Ended(Failed("apply", Cause.THROTTLED, "slow down"))
MISTAKE = Ended(Failed("plan", Cause.MISTAKE, "no such size"))
RETRY = Retry("ann")


def executes(calls):
    return [call.argument for call in calls if call.actor == "execute"]


@pytest.fixture
def fail(world):
    """Lets a run fail, by default one that is opened for it; what is called then."""

    def fail(run=None, state=THROTTLED, operation=Operation.APPLY):
        lease = world.claim(run or world.open(operation)).lease
        return world.ledger.settle(lease, state)

    return fail


@pytest.fixture
def pause(world):
    """Sleeps until a run's time has come."""

    def pause(run):
        world.clock.now = world.run(run).state.until

    return pause


@pytest.mark.parametrize("operation", list(Operation))
def test_another_try_is_there_at_once_and_waits_for_its_time(world, fail, pause, operation):
    calls = fail(operation=operation)
    assert (world.state(1), world.state(2), executes(calls)) == ("failed", "waiting", [])
    second = world.run(2)
    assert (second.attempt, second.tries, second.state.cause) == (2, Tries(failed=1), Cause.THROTTLED)
    assert 60 <= (second.state.until - world.clock.now).total_seconds() < 75
    assert world.whys(1)[-1] == f"slow down; it is tried again at {second.state.until:%Y-%m-%d %H:%M:%S} UTC"
    assert world.whys(2) == ["goes on from run 1"]
    world.clock.sleep(59)
    assert (2 in executes(world.ledger.sweep()), world.ledger.claim(2, "w2")) == (False, None)
    pause(2)
    assert 2 in executes(world.ledger.sweep())
    assert world.claim(2).run.tries == Tries(failed=1)


def test_a_mistake_is_not_tried_again(world, fail):
    assert executes(fail(state=MISTAKE)) == []
    world.clock.sleep(3600)
    world.ledger.sent(world.ledger.sweep())
    assert world.ledger.register().open_runs == ()
    assert (world.status(), world.whys(1)[-1]) == ("failed", "no such size")


def test_there_are_three_tries_and_no_more(world, fail, pause):
    fail()
    for run in (2, 3):
        assert world.status() == "approved"
        pause(run)
        fail(run)
    assert world.ledger.register().open_runs == ()
    assert world.whys(3)[-1] == "slow down; it was tried 3 times, and nobody tries again by themselves"
    assert world.status() == "failed"


def test_a_lost_worker_in_between_neither_waits_nor_starts_the_count_anew(world, fail, pause):
    fail()
    pause(2)
    calls = fail(2, Ended(Interrupted("plan", "drained")))
    assert executes(calls) == [3]
    assert world.run(3).tries == Tries(failed=1, lost=1)
    fail(3)
    pause(4)
    fail(4)
    assert world.ledger.register().open_runs == ()


@pytest.mark.parametrize("run", [1, 2], ids=["what failed", "what waits"])
def test_a_person_need_not_wait_and_has_all_tries_before_them(world, fail, pause, run):
    fail()
    assert executes(world.wish(run, RETRY)) == [2]
    now = world.run(2)
    assert (now.state, now.tries, now.attempt) == (Waiting(), Tries(), 2)
    event = world.views.events(2)[0]
    assert (event.actor, event.before, event.after) == ("ann", "waiting", "waiting")
    fail(2)
    pause(3)
    fail(3)
    pause(4)
    fail(4)
    assert [world.state(run) for run in (2, 3, 4)] == ["failed"] * 3
    assert world.ledger.register().open_runs == ()


def test_a_person_has_all_tries_before_them_also_when_none_is_left(world, fail, pause):
    fail()
    for run in (2, 3):
        pause(run)
        fail(run)
    assert executes(world.wish(3, RETRY)) == [4]
    assert world.run(4).tries == Tries()


def test_a_try_that_was_called_at_once_is_in_the_way_of_another_retry(world, fail):
    fail()
    world.wish(1, RETRY)
    with pytest.raises(IllegalTransition, match="run 2 came after it and waits for a worker"):
        world.wish(1, RETRY)


def test_newer_content_goes_on_in_its_place(world, fail):
    fail()
    newer = world.open(size="large")
    assert (world.state(2), world.state(newer)) == ("superseded", "waiting")
    with pytest.raises(IllegalTransition, match=f"run {newer} came after it"):
        world.wish(1, RETRY)


def test_newer_content_that_came_before_the_failure_goes_on(world, fail):
    first = world.claim(world.open()).lease
    newer = world.open(size="large")
    assert executes(world.ledger.settle(first, THROTTLED)) == [newer]
    assert [run.id for run in world.ledger.register().open_runs] == [newer]
    assert world.whys(1)[-1] == f"slow down; run {newer} goes on with newer content"


@pytest.mark.parametrize("by", ["a person", "reconcile"])
def test_what_is_taken_back_is_not_tried(world, fail, by):
    fail()
    if by == "a person":
        world.wish(2, Withdrawal("ann", "not today"))
    else:
        world.ledger.commit(Decision(endings={2: Withdrawn("infrautomater", "nobody wants it")}))
    world.clock.sleep(3600)
    assert world.ledger.claim(2, "w2") is None
    assert world.state(2) == "withdrawn"
    assert 2 not in executes(world.ledger.sweep())


def test_the_same_content_is_not_opened_beside_a_try_that_waits(world, fail):
    fail()
    workspace = world.workspace()
    assert world.commit(world.opening(workspace, commit="d" * 40), workspace) == ()
    assert [run.id for run in world.ledger.register().open_runs] == [2]


def test_a_try_that_waits_does_not_call_when_its_workspace_is_free(world, fail):
    """Nor does a plan that failed meanwhile: what begins before its time fails again."""
    fail()
    lease = world.claim(world.open(Operation.PLAN)).lease
    world.ledger.settle(lease, world.planned)
    other = world.claim(world.open(Operation.PLAN, size="large", pull=8)).lease
    assert executes(world.ledger.settle(other, THROTTLED)) == []


def test_tries_that_wait_take_no_place_from_those_that_may_begin(world, fail, monkeypatch):
    monkeypatch.setattr("controller.edge.ledger.reminders.QUEUE_HEAD", 1)
    fail()
    (call,) = world.commit(world.opening(world.workspace("other")), world.workspace("other"))
    world.ledger.sent((call,))
    world.clock.sleep(31)
    assert call.argument in executes(world.ledger.sweep())

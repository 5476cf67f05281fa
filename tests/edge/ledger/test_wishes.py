"""What a person may want with a run."""

import pytest

from controller.core.environment import DestroyRule
from controller.core.hold import DestroyToConfirm, NeverReviewed
from controller.core.outcome import Applied, Cause, Failed, Interrupted, Withdrawn
from controller.core.run import Ended, Held, Operation, Waiting
from controller.errors import IllegalTransition, UnknownRun
from controller.ports import GivenBack, Release, Retry, Withdrawal

pytestmark = pytest.mark.edge

FAILED = Ended(Failed("plan", Cause.MISTAKE, "no such thing"))
RELEASE, WITHDRAWAL, RETRY = Release("ann", "I looked"), Withdrawal("ann", "not today"), Retry("ann")


def executes(calls):
    return [call.argument for call in calls if call.actor == "execute"]


@pytest.fixture
def held(world):
    lease = world.claim(world.open(conditions=(DestroyToConfirm(DestroyRule.CONFIRM),))).lease
    world.ledger.settle(lease, Held((NeverReviewed(),), world.plan))
    return lease.run


@pytest.fixture
def failed(world):
    lease = world.claim(world.open(reviewed=world.plan)).lease
    world.ledger.settle(lease, FAILED)
    return lease.run


def test_a_released_run_waits_with_the_plan_that_was_seen_as_the_reviewed_one(world, held):
    calls = world.ledger.resolve(held, RELEASE)
    run = world.run(held)
    assert (run.state, run.reviewed, run.conditions) == (Waiting(), world.plan, ())
    assert [(call.actor, call.argument) for call in calls] == [("execute", held), ("report", 7)]
    event = world.views.events(held)[0]
    assert (event.actor, event.before, event.after, event.why) == ("ann", "held", "waiting", "I looked")
    assert world.status() == "approved"


def test_a_held_run_can_be_taken_back(world, held):
    calls = world.ledger.resolve(held, WITHDRAWAL)
    assert world.run(held).state == Ended(Withdrawn("ann", "not today"))
    assert [call.actor for call in calls] == ["report"]
    assert world.status() is None


def test_a_retried_run_goes_on_as_another_attempt(world, failed):
    calls = world.ledger.resolve(failed, RETRY)
    (again,) = executes(calls)
    assert (world.run(again).attempt, world.run(again).reviewed) == (2, world.plan)
    assert world.views.events(again)[0].actor == "ann"
    assert world.whys(again) == [f"another attempt of run {failed}"]
    assert world.state(failed) == "failed"


def test_an_interrupted_run_that_nobody_tries_any_more_can_be_retried(world):
    lease = world.claim(world.open(attempt=5)).lease
    world.ledger.settle(lease, Ended(Interrupted("apply", "lost")))
    (again,) = executes(world.ledger.resolve(lease.run, RETRY))
    assert world.run(again).attempt == 6


def test_a_run_is_retried_once_at_a_time(world, failed):
    world.ledger.resolve(failed, RETRY)
    with pytest.raises(IllegalTransition, match="run 2 came after"):
        world.ledger.resolve(failed, RETRY)


def test_old_content_is_not_retried_over_newer(world, failed):
    world.apply(size="large")
    with pytest.raises(IllegalTransition, match="run 2 came after run 1"):
        world.ledger.resolve(failed, RETRY)


def test_newer_content_that_nobody_wanted_in_the_end_is_in_nobodys_way(world, failed):
    world.ledger.resolve(world.open(size="large"), WITHDRAWAL)
    assert executes(world.ledger.resolve(failed, RETRY)) == [3]


def test_plans_of_other_pulls_are_in_nobodys_way(world):
    lease = world.claim(world.open(Operation.PLAN, pull=7)).lease
    world.open(Operation.PLAN, pull=8)
    world.ledger.settle(lease, FAILED)
    assert executes(world.ledger.resolve(lease.run, RETRY)) == [3]


@pytest.mark.parametrize("wish", [RELEASE, WITHDRAWAL, RETRY], ids=["release", "withdrawal", "retry"])
def test_a_run_that_never_was_is_nobodys(world, wish):
    with pytest.raises(UnknownRun):
        world.ledger.resolve(99, wish)


@pytest.mark.parametrize(
    ("wish", "at"),
    [
        (RELEASE, "waiting"),
        (RELEASE, "running"),
        (RELEASE, "applied"),
        (RELEASE, "failed"),
        (WITHDRAWAL, "running"),
        (WITHDRAWAL, "applied"),
        (RETRY, "waiting"),
        (RETRY, "running"),
        (RETRY, "held"),
        (RETRY, "applied"),
        (RETRY, "withdrawn"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__.lower(),
)
def test_what_cannot_be_is_refused_and_changes_nothing(world, wish, at):
    run = world.open()
    if at == "withdrawn":
        world.ledger.resolve(run, WITHDRAWAL)
    elif at != "waiting":
        lease = world.claim(run).lease
        ends = {
            "applied": Ended(Applied({})),
            "failed": FAILED,
            "held": Held((), world.plan),
        }
        if at in ends:
            world.ledger.settle(lease, ends[at])
    before = world.views.run(run), world.views.events()
    with pytest.raises(IllegalTransition):
        world.ledger.resolve(run, wish)
    assert (world.views.run(run), world.views.events()) == before


def test_a_waiting_run_can_be_taken_back(world):
    run = world.open()
    world.ledger.settle(world.claim(run).lease, GivenBack("not now"))
    world.ledger.resolve(run, WITHDRAWAL)
    assert world.state(run) == "withdrawn"
    assert world.ledger.claim(run, "w2") is None

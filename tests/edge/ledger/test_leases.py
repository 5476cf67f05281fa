"""Runs are given out, carried on, and come back."""

import dataclasses
from datetime import timedelta

import pytest

from controller.core.hold import NeverReviewed
from controller.core.outcome import Applied, Cause, Destroyed, Failed, Interrupted
from controller.core.plan import Plan
from controller.core.run import Ended, Held, Operation, Running, Waiting
from controller.edge.ledger import leases
from controller.errors import FenceLost
from controller.ports import GivenBack, Lease

pytestmark = pytest.mark.edge

FAILED = Ended(Failed("plan", Cause.MISTAKE, "no such thing"))
APPLIED = Ended(Applied({"endpoint": "x"}, 1))
INTERRUPTED = Ended(Interrupted("apply", "drained"))


def executes(calls):
    return [call.argument for call in calls if call.actor == "execute"]


def reports(calls):
    return [call.argument for call in calls if call.actor == "report"]


def test_a_run_is_given_out_once(world):
    run = world.open()
    claimed = world.claim(run, "w1")
    assert claimed.lease == Lease(run, "w1", 1)
    assert claimed.run.state == Running("w1", 1)
    assert world.run(run) == claimed.run
    assert world.ledger.claim(run, "w2") is None
    assert world.ledger.claim(99, "w2") is None


def test_one_run_at_a_time_changes_a_workspace(world):
    first = world.open(size="small")
    lease = world.claim(first).lease
    second = world.open(size="large")
    assert world.ledger.claim(second, "w2") is None
    calls = world.ledger.settle(lease, APPLIED)
    assert executes(calls) == [second]
    assert world.ledger.claim(second, "w2") is not None


def test_the_database_itself_refuses_a_second_lease(world, monkeypatch):
    world.claim(world.open(size="small"))
    second = world.open(size="large")
    monkeypatch.setattr(leases, "_traffic", lambda *_: leases._Traffic(0, is_leased=False))
    assert world.ledger.claim(second, "w2") is None
    assert world.state(second) == "waiting"


def test_other_workspaces_are_not_in_the_way(world):
    world.claim(world.open())
    assert world.ledger.claim(world.open(name="other"), "w2") is not None


def test_no_plan_is_made_while_the_state_is_being_changed(world):
    lease = world.claim(world.open()).lease
    plan = world.open(Operation.PLAN)
    assert world.ledger.claim(plan, "w2") is None
    assert executes(world.ledger.settle(lease, FAILED)) == [plan]
    assert world.ledger.claim(plan, "w2") is not None


def test_plans_of_one_workspace_go_side_by_side(world):
    world.claim(world.open(Operation.PLAN, pull=7))
    assert world.ledger.claim(world.open(Operation.PLAN, pull=8), "w2") is not None


def test_a_plan_during_which_an_apply_was_begun_is_made_again(world):
    plan, apply = world.open(Operation.PLAN), world.open(Operation.APPLY)
    lease = world.claim(plan).lease
    applying = world.claim(apply, "w2").lease
    world.ledger.settle(applying, APPLIED)
    calls = world.ledger.settle(lease, world.planned)
    assert (world.state(plan), executes(calls)) == ("waiting", [plan])
    assert "thrown away" in world.whys(plan)[-1]
    world.ledger.settle(world.claim(plan).lease, world.planned)
    assert world.run(plan).state == world.planned


def test_a_plan_after_an_apply_counts(world):
    world.apply()
    plan = world.open(Operation.PLAN, after=1)
    world.ledger.settle(world.claim(plan).lease, world.planned)
    assert world.run(plan).state == world.planned


def test_a_lease_lasts_as_long_as_it_beats(world):
    lease = world.claim(world.open()).lease
    for _ in range(5):
        world.clock.sleep(30)
        world.ledger.beat(lease)
        world.ledger.sweep()
    assert world.state(lease.run) == "running"


@pytest.mark.parametrize("change", [{"fence": 0}, {"worker": "w2"}, {"run": 99}])
def test_nothing_is_written_under_a_lease_that_is_not_the_current_one(world, change):
    lease = dataclasses.replace(world.claim(world.open()).lease, **change)
    with pytest.raises(FenceLost):
        world.ledger.beat(lease)
    with pytest.raises(FenceLost):
        world.ledger.step(lease, "plan")
    with pytest.raises(FenceLost):
        world.ledger.settle(lease, FAILED)
    world.ledger.log(lease, "who am I?")
    assert world.views.log(1) == ()


def test_a_lease_nobody_renewed_ends_and_another_attempt_goes_on(world):
    run = world.open(reviewed=world.plan)
    lease = world.claim(run).lease
    world.ledger.step(lease, "apply")
    world.clock.sleep(41)
    calls = world.ledger.sweep()
    (again,) = [number for number in executes(calls) if number != run]
    outcome = world.run(run).state.outcome
    assert outcome.step == "apply"
    assert outcome.why == "its worker w1 was last heard at 2026-11-22 12:00:00 UTC"
    assert world.run(again).attempt == 2
    assert world.run(again).reviewed == world.plan
    assert 7 in reports(calls)
    with pytest.raises(FenceLost):
        world.ledger.beat(lease)
    with pytest.raises(FenceLost):
        world.ledger.settle(lease, APPLIED)


def test_a_run_that_kills_its_workers_is_not_tried_for_ever(world):
    run = world.open()
    for attempt in range(1, 6):
        assert world.run(run).attempt == attempt
        world.claim(run)
        world.clock.sleep(41)
        run = max([run, *executes(world.ledger.sweep())])
    assert world.state(run) == "interrupted"
    assert world.run(run).attempt == 5
    assert "nobody tries again" in world.whys(run)[-1]
    assert world.ledger.register().open_runs == ()
    assert world.status() == "failed"


def test_an_interrupted_run_goes_on_as_another_attempt(world):
    lease = world.claim(world.open()).lease
    calls = world.ledger.settle(lease, INTERRUPTED)
    assert world.state(lease.run) == "interrupted"
    assert executes(calls) == [2]
    assert world.whys(2) == ["goes on from run 1"]


def test_an_interrupted_run_leaves_the_field_to_newer_content(world):
    lease = world.claim(world.open(size="small")).lease
    newer = world.open(size="large")
    calls = world.ledger.settle(lease, INTERRUPTED)
    assert executes(calls) == [newer]
    assert [run.id for run in world.ledger.register().open_runs] == [newer]
    assert f"run {newer} goes on" in world.whys(lease.run)[-1]


@pytest.mark.parametrize("back", [GivenBack("not now"), Held((NeverReviewed(),), None)], ids=["back", "held"])
def test_what_comes_back_after_newer_content_came_is_superseded(world, back):
    lease = world.claim(world.open(size="small")).lease
    newer = world.open(size="large")
    if isinstance(back, Held):
        back = Held(back.reasons, world.plan)
    assert executes(world.ledger.settle(lease, back)) == [newer]
    assert world.state(lease.run) == "superseded"


def test_a_run_that_is_given_back_waits_under_the_same_fence(world):
    lease = world.claim(world.open()).lease
    calls = world.ledger.settle(lease, GivenBack("the lock is held"))
    assert executes(calls) == [lease.run]
    assert world.run(lease.run).state == Waiting()
    assert world.whys(lease.run)[-1] == "the lock is held"
    assert world.claim(lease.run, "w2").lease == Lease(lease.run, "w2", 2)


def test_a_held_run_waits_for_a_person_and_takes_no_lease(world):
    lease = world.claim(world.open()).lease
    held = Held((NeverReviewed(),), world.plan)
    assert reports(world.ledger.settle(lease, held)) == [7]
    assert world.run(lease.run).state == held
    assert (
        world.whys(lease.run)[-1] == "it was merged before its plan was ready, and it does more than create"
    )
    assert world.ledger.claim(lease.run, "w2") is None
    world.clock.sleep(3600)
    world.ledger.sweep()
    assert world.run(lease.run).state == held


def test_a_run_without_a_pull_reports_to_none(world):
    lease = world.claim(world.open(pull=None)).lease
    assert reports(world.ledger.settle(lease, FAILED)) == []


def test_steps_are_seen_in_the_state_and_in_the_audit_trail(world):
    lease = world.claim(world.open()).lease
    for step in ("init", "plan", "apply"):
        world.ledger.step(lease, step)
    assert world.run(lease.run).state == Running("w1", 1, "apply")
    assert [event.after for event in reversed(world.views.events(lease.run))] == [
        "waiting",
        "running:claimed",
        "running:init",
        "running:plan",
        "running:apply",
    ]


def test_before_the_apply_nothing_stands(world):
    lease = world.claim(world.open()).lease
    world.ledger.step(lease, "plan")
    assert world.ledger.register().standing == {}
    world.ledger.settle(lease, FAILED)
    assert world.ledger.register().standing == {}
    assert world.ledger.register().last == {}


def test_an_apply_that_was_begun_leaves_something_of_unknown_shape(world):
    workspace = world.workspace()
    lease = world.claim(world.open()).lease
    world.ledger.step(lease, "apply")
    register = world.ledger.register()
    (standing,) = register.standing.values()
    assert (standing.request, standing.digest, standing.begun) == (workspace.request, None, workspace.digest)
    assert register.last[workspace.id].id == lease.run
    world.ledger.settle(lease, FAILED)
    assert world.ledger.register().standing == register.standing


def test_an_apply_that_went_well_stands(world):
    run = world.apply()
    workspace = world.workspace()
    register = world.ledger.register()
    assert register.standing[workspace.id].digest == workspace.digest
    assert register.last[workspace.id] == world.run(run)
    assert world.views.requests()[0].outputs == {"endpoint": "db.example", "secret": None}


def test_an_apply_that_had_nothing_to_do_stands_too_and_counts_as_the_last(world):
    """Else the way there and back again would have the key of the first way there."""
    first = world.apply(size="small")
    second = world.open(size="large", after=first)
    world.ledger.settle(world.claim(second).lease, APPLIED)
    workspace = world.workspace(size="large")
    register = world.ledger.register()
    assert register.standing[workspace.id].digest == workspace.digest
    assert register.last[workspace.id].id == second


def test_a_failed_update_still_knows_what_to_destroy_and_what_it_gave_out(world):
    first = world.apply(size="small")
    lease = world.claim(world.open(size="large", after=first)).lease
    world.ledger.step(lease, "apply")
    world.ledger.settle(lease, FAILED)
    large = world.workspace(size="large")
    standing = world.ledger.register().standing[large.id]
    assert (standing.digest, standing.begun, standing.request) == (None, large.digest, large.request)
    assert world.views.requests()[0].outputs["endpoint"] == "db.example"


def test_what_is_destroyed_stands_no_more_and_is_remembered(world):
    world.apply()
    lease = world.claim(world.open(Operation.DESTROY, after=1)).lease
    world.ledger.step(lease, "apply")
    assert world.status() == "destroying"
    assert world.ledger.register().standing[world.request().id].digest is None
    world.ledger.settle(lease, Ended(Destroyed(1)))
    register = world.ledger.register()
    assert register.standing == {}
    assert register.last[world.request().id].id == lease.run
    (view,) = world.views.requests()
    assert (view.status, view.outputs, view.run) == ("destroyed", {}, lease.run)


def test_a_plan_that_says_apply_begins_nothing(world):
    lease = world.claim(world.open(Operation.PLAN)).lease
    world.ledger.step(lease, "apply")
    world.ledger.settle(lease, APPLIED)
    assert world.ledger.register().standing == {}


def test_the_log_comes_in_numbered_chunks(world):
    lease = world.claim(world.open()).lease
    for text in ("one\n", "two \x00 \N{SNOWMAN}\n", "three \ud800\n"):
        world.ledger.log(lease, text)
    assert world.views.log(1) == (
        (1, "one\n"),
        (2, "two \N{REPLACEMENT CHARACTER} \N{SNOWMAN}\n"),
        (3, "three ?\n"),
    )
    assert world.views.log(1, after=2) == ((3, "three ?\n"),)


def test_what_is_let_through_without_a_review_is_the_reviewed_plan_from_its_apply_on(world):
    """Else what an interruption leaves half-made would be held: nobody reviewed that it is made anew."""
    lease = world.claim(world.open()).lease
    world.ledger.step(lease, "plan")
    assert world.run(lease.run).reviewed is None
    world.ledger.step(lease, "apply", world.plan)
    (again,) = executes(world.ledger.settle(lease, INTERRUPTED))
    assert (world.run(lease.run).reviewed, world.run(again).reviewed) == (world.plan, world.plan)


def test_what_people_reviewed_stays_what_they_reviewed(world):
    lease = world.claim(world.open(reviewed=Plan(terraform="theirs"))).lease
    world.ledger.step(lease, "apply", world.plan)
    assert world.run(lease.run).reviewed == Plan(terraform="theirs")


def test_a_view_tells_when_a_worker_was_heard_and_until_when_its_lease_is(world):
    lease = world.claim(world.open()).lease
    world.clock.sleep(5)
    world.ledger.beat(lease)
    view = world.views.run(lease.run)
    assert (view.heard, view.lease_until) == (world.clock.now, world.clock.now + timedelta(seconds=40))
    world.ledger.settle(lease, FAILED)
    view = world.views.run(lease.run)
    assert (view.heard, view.lease_until, view.ended) == (world.clock.now, None, world.clock.now)
    assert world.views.run(world.open(name="other")).heard is None


def test_only_what_is_dead_is_taken_over(world):
    alive, dead = (world.claim(world.open(name=name)).lease for name in ("alive", "dead"))
    world.clock.sleep(30)
    world.ledger.beat(alive)
    world.clock.sleep(11)
    world.ledger.sweep()
    assert (world.state(alive.run), world.state(dead.run)) == ("running", "interrupted")
    world.ledger.beat(alive)
    with pytest.raises(FenceLost):
        world.ledger.beat(dead)

"""When a run changed what a request stands at, the open pulls that are about it are looked at again."""

import pytest

from controller.core.change import Create, Update
from controller.core.decision import Decision
from controller.core.hold import NeverReviewed
from controller.core.outcome import Applied, Cause, Destroyed, Failed, Interrupted, Superseded
from controller.core.proposal import Proposal
from controller.core.pull import Pull, PullState
from controller.core.run import Ended, Held, Operation, Waiting
from controller.ports import GivenBack

pytestmark = pytest.mark.edge

APPLIED, DESTROYED = Ended(Applied({})), Ended(Destroyed(1))
FAILED, INTERRUPTED = Ended(Failed("apply", Cause.MISTAKE, "no")), Ended(Interrupted("apply", "drained"))


def pulls(calls):
    return [call.argument for call in calls if call.actor == "plan_pull"]


def executes(calls):
    return [call.argument for call in calls if call.actor == "execute"]


@pytest.fixture
def propose(world):
    """Lets a pull be about some requests."""

    def propose(number, *names, state=PullState.OPEN, **more):
        pull = Pull(number, "Title", "ann", "a" * 40, "main", state)
        changes = tuple(Create(world.request(name), world.workspace(name).digest) for name in names)
        world.ledger.commit(Decision(proposal=Proposal(pull, "t" * 40, changes, **more)))

    return propose


@pytest.fixture
def asked(propose, world):
    """Pull 7 is merged as far as GitHub knows; 8 and 9 are about the same request, 10 about another, 11 is closed."""
    propose(7, "orders")
    propose(8, "orders", "other")
    propose(9, refused=(world.request(),))
    propose(10, "other")
    propose(11, "orders")
    propose(11, "orders", state=PullState.CLOSED)


def end(world, state, step="apply", operation=Operation.APPLY, **more):
    lease = world.claim(world.open(operation, **more)).lease
    world.ledger.step(lease, step)
    return world.ledger.settle(lease, state)


@pytest.mark.parametrize(
    ("state", "step", "operation", "looked_at"),
    [
        (APPLIED, "apply", Operation.APPLY, [8, 9]),
        (APPLIED, "plan", Operation.APPLY, [8, 9]),
        (DESTROYED, "apply", Operation.DESTROY, [8, 9]),
        (FAILED, "apply", Operation.APPLY, [8, 9]),
        (INTERRUPTED, "apply", Operation.DESTROY, [8, 9]),
        (Ended(Failed("plan", Cause.MISTAKE, "no")), "plan", Operation.APPLY, []),
        (Ended(Interrupted("plan", "drained")), "plan", Operation.APPLY, []),
        (Held((NeverReviewed(),), None), "plan", Operation.APPLY, []),
        (GivenBack("not now"), "plan", Operation.APPLY, []),
        (FAILED, "apply", Operation.PLAN, []),
    ],
)
@pytest.mark.usefixtures("asked")
def test_whoever_is_about_what_was_changed_is_looked_at(world, state, step, operation, looked_at):
    if isinstance(state, Held):
        state = Held(state.reasons, world.plan)
    assert pulls(end(world, state, step, operation)) == looked_at


@pytest.mark.usefixtures("asked")
def test_a_plan_that_was_made_and_applies_nothing_outdates_nobody(world):
    assert pulls(end(world, world.planned, "plan")) == []


@pytest.mark.usefixtures("asked")
def test_what_no_pull_brought_outdates_every_pull(world):
    assert pulls(end(world, APPLIED, pull=None)) == [7, 8, 9]


@pytest.mark.usefixtures("asked")
def test_a_worker_that_was_lost_in_an_apply_outdates_plans_too(world):
    lease = world.claim(world.open()).lease
    world.ledger.step(lease, "apply")
    world.clock.sleep(41)
    assert pulls(world.ledger.sweep()) == [8, 9]
    lease = world.claim(2).lease
    world.ledger.step(lease, "plan")
    world.clock.sleep(41)
    recorded = [call.argument for call in world.ledger.sweep() if call.actor == "plan_pull"]
    assert world.sql("SELECT count(*) FROM calls WHERE actor = 'plan_pull'") == [(2,)]
    assert recorded == [8, 9]  # those that nobody sent yet


def test_where_nobody_asks_nobody_is_called(world):
    assert pulls(end(world, APPLIED)) == []


def look(world, size="large", pull=8):
    """What a look at a pull decides: a plan of its change, after the run that last changed the state."""
    workspace = world.workspace(size=size)
    last = world.ledger.register().last.get(workspace.id)
    opening = world.opening(workspace, Operation.PLAN, pull, after=last.id if last else None)
    pull_now = Pull(pull, "Title", "ann", "a" * 40, "main", PullState.OPEN)
    change = Update(workspace.request, workspace.digest, world.request())
    proposal = Proposal(pull_now, "t" * 40, (change,))
    return executes(world.ledger.commit(Decision((opening,), (workspace,), proposal=proposal)))


def test_a_look_after_the_change_puts_a_new_plan_in_the_place_of_the_one_that_waits(world):
    (waiting,) = look(world)
    calls = end(world, APPLIED)
    assert (pulls(calls), executes(calls)) == ([8], [])  # it would be made in vain
    (plan,) = look(world)
    assert world.run(waiting).state == Ended(Superseded(f"run {plan} has the newer content"))
    assert (world.state(plan), world.run(plan).after, world.run(plan).attempt) == ("waiting", 2, 1)
    assert look(world) == []


def test_a_look_after_the_change_has_a_plan_made_again_that_was_made_before(world):
    (made,) = look(world)
    world.ledger.settle(world.claim(made).lease, world.planned)
    end(world, FAILED)
    (plan,) = look(world)
    assert [world.state(run) for run in (made, plan)] == ["planned", "waiting"]
    assert world.ledger.claim(plan, "w2") is not None


@pytest.mark.parametrize("looks_first", [True, False])
def test_a_plan_that_was_under_way_meanwhile_makes_room_for_the_one_of_the_new_look(world, looks_first):
    (under_way,) = look(world)
    lease = world.claim(under_way).lease
    end(world, APPLIED)
    if looks_first:
        (plan,) = look(world)
        world.ledger.settle(lease, world.planned)
    else:
        assert executes(world.ledger.settle(lease, world.planned)) == [under_way]
        (plan,) = look(world)
    assert [world.state(run) for run in (under_way, plan)] == ["superseded", "waiting"]


def test_other_runs_that_waited_are_called_though_their_pull_is_looked_at(world):
    """A pull that was merged is open to the ledger until somebody looked at it."""
    look(world, pull=7)
    lease = world.claim(world.open(pull=8)).lease
    world.ledger.step(lease, "apply")
    mine = world.open(size="large", pull=7)
    calls = world.ledger.settle(lease, APPLIED)
    assert (pulls(calls), executes(calls)) == ([7], [mine])


def test_a_plan_that_waited_under_no_proposal_is_called(world):
    plan = world.open(Operation.PLAN, pull=8)
    assert executes(end(world, APPLIED)) == [plan]
    assert world.run(plan).state == Waiting()


def test_a_plan_that_was_opened_while_the_run_was_at_it_is_started_when_it_ends(world, propose):
    lease = world.claim(world.open()).lease
    world.ledger.step(lease, "apply")
    propose(8, "orders")
    waiting = world.open(Operation.PLAN, pull=8, after=lease.run)
    calls = world.ledger.settle(lease, APPLIED)

    assert executes(calls) == [waiting]

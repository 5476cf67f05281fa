"""What a decision makes of the ledger."""

from dataclasses import replace

import pytest

from controller.core.call import plan_pull, report
from controller.core.decision import Basis, Decision, Register
from controller.core.environment import Mode
from controller.core.outcome import Cause, Failed, Superseded, Withdrawn
from controller.core.plan import Plan
from controller.core.run import Ended, Held, Operation, Waiting
from controller.core.wish import Answer, Withdrawal
from controller.edge.ledger import SqlLedger
from controller.errors import LedgerError, Overtaken

pytestmark = pytest.mark.edge

ANSWER = Answer(5, 7, "ann", refused=False)


def executes(calls):
    return [call.argument for call in calls if call.actor == "execute"]


def commit(world, *openings, workspaces=(), **more):
    return world.ledger.commit(Decision(openings=openings, workspaces=workspaces, **more))


def again(world, size="small", operation=Operation.APPLY, **more):
    """Want the same once more; the runs that this opened."""
    workspace = world.workspace(size=size)
    return executes(commit(world, world.opening(workspace, operation, **more), workspaces=(workspace,)))


def test_an_empty_ledger_has_an_empty_register(world):
    assert world.ledger.register() == Register()


def test_an_opening_becomes_a_waiting_run_and_a_call(world):
    workspace = world.workspace()
    calls = commit(world, world.opening(workspace), workspaces=(workspace,), calls=(report(7),))
    assert [(call.actor, call.queue, call.argument) for call in calls] == [
        ("execute", "apply.dev", 1),
        ("report", "report", 7),
    ]
    assert all(call.id for call in calls)
    (run,) = world.ledger.register().open_runs
    assert (run.id, run.request, run.state, run.digest) == (1, workspace.id, Waiting(), workspace.digest)
    assert [(event.before, event.after) for event in world.views.events(1)] == [("", "waiting")]


def test_plans_wait_in_the_queue_of_plans(world):
    workspace = world.workspace()
    (call,) = commit(world, world.opening(workspace, Operation.PLAN), workspaces=(workspace,))
    assert call.queue == "plan.dev"


def test_the_same_work_is_opened_once(world):
    world.open()
    assert again(world) == []
    assert again(world, commit="d" * 40) == []
    workspace = world.workspace(size="large")
    twins = (world.opening(workspace), world.opening(workspace))
    assert len(executes(commit(world, *twins, workspaces=(workspace,)))) == 1


def test_a_run_that_failed_is_not_opened_again_by_itself(world):
    lease = world.claim(world.open()).lease
    world.ledger.settle(lease, Ended(Failed("plan", Cause.MISTAKE, "no")))
    assert again(world) == []


def test_an_opening_without_a_workspace_is_refused_as_a_whole(world):
    workspace, other = world.workspace(), world.workspace("other")
    with pytest.raises(LedgerError, match="no workspace"):
        commit(world, world.opening(workspace), world.opening(other), workspaces=(workspace,), cursor="c")
    assert world.ledger.register() == Register()


def test_a_workspace_comes_back_with_its_digest(world):
    world.open(team="payments")
    claimed = world.claim(1)
    workspace = world.workspace()
    assert claimed.workspace == workspace
    assert claimed.workspace.digest == workspace.digest


def test_a_run_is_about_the_request_as_its_own_opening_had_it(world):
    """A stranger's pull that moves the file must not change what a merged run says."""
    run = world.open()
    world.open(Operation.PLAN, team="strangers", pull=9)
    assert world.claim(run).workspace.request.team == "payments"


def test_a_destroy_works_from_what_was_begun(world):
    world.apply()
    workspace = world.workspace()
    (run,) = executes(commit(world, world.opening(workspace, Operation.DESTROY, after=1)))
    assert world.claim(run).workspace == workspace


def test_newer_content_supersedes_what_waits_or_is_held(world):
    waiting = world.open(size="small")
    newer = world.open(size="large", pull=8)
    assert world.state(waiting) == "superseded"
    assert world.run(waiting).state == Ended(Superseded(f"run {newer} has the newer content"))
    lease = world.claim(newer).lease
    world.ledger.settle(lease, Held((), world.plan))
    newest = world.open(Operation.DESTROY)
    assert (world.state(newer), world.state(newest)) == ("superseded", "waiting")


def test_who_approved_what_was_superseded_is_told(world):
    world.open(size="small", pull=7)
    workspace = world.workspace(size="large")
    calls = commit(world, world.opening(workspace, pull=8), workspaces=(workspace,))
    assert [call.argument for call in calls if call.actor == "report"] == [7]


def test_what_is_on_a_worker_is_left_alone(world):
    run = world.open(size="small")
    world.claim(run)
    newer = world.open(size="large")
    assert (world.state(run), world.state(newer)) == ("running", "waiting")


def test_content_that_comes_back_runs_again(world):
    first = world.open(size="small")
    second = world.open(size="large")
    (third,) = again(world, "small")
    assert [world.state(run) for run in (first, second, third)] == ["superseded", "superseded", "waiting"]
    assert world.run(third).attempt == 2
    assert again(world, "small") == []
    assert again(world, "large") != []
    assert world.state(third) == "superseded"


def test_plans_of_a_pull_supersede_those_of_the_same_pull_only(world):
    merged = world.open()
    mine = world.open(Operation.PLAN, pull=7)
    other = world.open(Operation.PLAN, pull=8)
    newer = world.open(Operation.PLAN_DESTROY, pull=7)
    assert [world.state(run) for run in (merged, mine, other, newer)] == [
        "waiting",
        "superseded",
        "waiting",
        "waiting",
    ]


def test_a_plan_that_is_asked_for_again_takes_the_place_of_the_waiting_one(world):
    first = world.open(Operation.PLAN)
    second = world.open(Operation.PLAN, attempt=2)
    assert [world.state(run) for run in (first, second)] == ["superseded", "waiting"]


def test_the_plan_of_a_pull_that_goes_back_is_not_made_again_and_nothing_else_waits(world):
    lease = world.claim(world.open(Operation.PLAN)).lease
    world.ledger.settle(lease, world.planned)
    meanwhile = world.open(Operation.PLAN, size="large")
    assert again(world, "small", Operation.PLAN) == []
    assert world.state(meanwhile) == "superseded"


def test_content_that_is_being_applied_is_not_opened_after_itself(world):
    earlier = world.apply(size="large")
    run = world.open(size="small", after=None)
    world.claim(run)
    assert again(world, "small", after=earlier) == []


def test_an_ending_takes_back_what_is_waiting_or_held(world):
    run = world.open()
    commit(world, endings={run: Withdrawn("reconcile", "nobody wants it")})
    assert world.run(run).state == Ended(Withdrawn("reconcile", "nobody wants it"))
    assert world.views.events(run)[0].actor == "reconcile"


def test_an_ending_that_comes_too_late_changes_nothing(world):
    run = world.open()
    world.claim(run)
    commit(world, endings={run: Withdrawn("reconcile", "nobody wants it"), 99: Superseded("never was")})
    assert world.state(run) == "running"


def test_what_was_withdrawn_since_nobody_wanted_it_runs_again_when_it_is_wanted(world):
    run = world.open()
    commit(world, endings={run: Withdrawn("reconcile", "nobody wants it")})
    assert len(again(world)) == 1


def test_what_a_person_took_back_stays_so_until_another_commit_wants_it(world):
    world.wish(world.open(), Withdrawal("ann", "not today"))
    assert again(world) == []
    assert len(again(world, commit="d" * 40)) == 1


def test_the_cursor_is_remembered_and_kept(world):
    commit(world, cursor="a" * 40)
    commit(world)
    assert world.ledger.register().cursor == "a" * 40
    commit(world, cursor="b" * 40)
    assert world.ledger.register().cursor == "b" * 40


def test_a_moved_request_stands_at_its_new_path(world):
    world.apply()
    moved = world.request(team="billing")
    commit(world, moved=(moved, world.request("unknown")))
    register = world.ledger.register()
    assert [standing.request for standing in register.standing.values()] == [moved]
    assert world.views.requests()[0].team == "billing"


def test_a_decision_may_only_call(world):
    (call,) = commit(world, calls=(plan_pull(3), plan_pull(3)))
    assert (call.actor, call.argument) == ("plan_pull", 3)


def test_a_run_keeps_what_was_reviewed_and_what_stands_against_it(world):
    run = world.open(reviewed=world.plan, mode=Mode.PLAN_ONLY, after=None)
    assert world.run(run).reviewed == world.plan
    assert world.run(run).mode is Mode.PLAN_ONLY
    assert world.run(world.open(name="other", reviewed=Plan())).reviewed == Plan()


def test_what_rests_on_a_cursor_that_moved_is_refused_as_a_whole(world):
    commit(world, cursor="a" * 40)
    held = world.open(name="other")
    workspace, seen = world.workspace(), Basis(world.ledger.register().cursor)
    commit(world, cursor="b" * 40, basis=seen)
    late = Decision((world.opening(workspace),), (workspace,), cursor="c" * 40, basis=seen)
    wish = Decision(wishes=((held, Withdrawal("ann", "no")),), answer=ANSWER, basis=seen)
    for decision in (late, wish):
        with pytest.raises(Overtaken, match="look again"):
            world.ledger.commit(decision)
    assert world.ledger.register().cursor == "b" * 40
    assert [run.id for run in world.ledger.register().open_runs] == [held]
    assert world.views.answer(ANSWER.comment) is None


def test_that_nothing_was_reconciled_yet_is_something_to_rest_on_too(world):
    commit(world, cursor="a" * 40, basis=Basis(None))
    with pytest.raises(Overtaken):
        commit(world, cursor="b" * 40, basis=Basis(None))


def test_what_was_answered_is_answered_whatever_it_rested_on(world):
    commit(world, answer=ANSWER, basis=Basis(None))
    commit(world, cursor="a" * 40)
    assert commit(world, answer=ANSWER, basis=Basis(None)) == ()


@pytest.fixture
def large(world, monkeypatch):
    """A decision that is recorded in four parts: three runs that wait make room, and four others are opened."""
    monkeypatch.setattr("controller.edge.ledger.ledger.SLICE", 2)
    names = [f"r{number}" for number in range(7)]
    old = {name: world.open(name=name) for name in names[:3]}
    new = [world.workspace(name, "large") for name in names]
    endings = {run: Withdrawn("infrautomater", "no longer so") for run in old.values()}
    return Decision(tuple(map(world.opening, new)), tuple(new), endings, cursor="c" * 40, basis=Basis(None))


def test_a_large_decision_comes_to_the_same_in_parts(world, large):
    calls = world.ledger.commit(large)
    assert sorted(executes(calls)) == [4, 5, 6, 7, 8, 9, 10]
    assert [world.state(run) for run in (1, 2, 3)] == ["withdrawn"] * 3
    assert [run.id for run in world.ledger.register().open_runs] == [4, 5, 6, 7, 8, 9, 10]
    assert (world.ledger.register().cursor, world.ledger.commit(replace(large, basis=None))) == ("c" * 40, ())


@pytest.mark.parametrize("parts", [0, 1, 2, 3])
def test_a_large_decision_that_breaks_off_is_made_good_by_the_next_look(world, large, monkeypatch, parts):
    with pytest.raises(LedgerError, match="pulled the plug"):
        break_off(world, large, monkeypatch, after=parts)
    runs = {run.request.name: run.digest for run in world.ledger.register().open_runs}
    assert world.ledger.register().cursor is None
    assert sum(runs[name] == world.workspace(name, "large").digest for name in runs) == 2 * parts
    assert {"r0", "r1", "r2"} <= set(runs)  # none was ended without its heir
    world.ledger.commit(large)
    last = world.ledger.register()
    assert sorted(run.request.name for run in last.open_runs) == [f"r{number}" for number in range(7)]
    assert last.cursor == "c" * 40
    assert world.sql("SELECT count(*) FROM runs") == [(10,)]


def break_off(world, decision, monkeypatch, after):
    real, left = SqlLedger._commit, iter(range(after))

    def part(self, decision):
        if next(left, None) is None:
            raise LedgerError("somebody pulled the plug")
        return real(self, decision)

    with monkeypatch.context() as patched:
        patched.setattr(SqlLedger, "_commit", part)
        world.ledger.commit(decision)

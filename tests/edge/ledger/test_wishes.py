"""What people may want with runs."""

from dataclasses import replace

import pytest

from controller.core.decision import Decision
from controller.core.environment import DestroyRule, Mode
from controller.core.hold import DestroyToConfirm, MassDestroy, NeverReviewed
from controller.core.outcome import Applied, Cause, Destroyed, Failed, Interrupted, Planned, Withdrawn
from controller.core.plan import Action, Plan, ResourceChange
from controller.core.run import Ended, Held, Operation, Tries, Waiting
from controller.core.verdict import Risk, Verdict
from controller.core.wish import Acceptance, Confirmation, Release, Retry, Withdrawal
from controller.errors import IllegalTransition, UnknownRun
from controller.ports import GivenBack, RunQuery

pytestmark = pytest.mark.edge

FAILED = Ended(Failed("plan", Cause.MISTAKE, "no such thing"))
RELEASE, WITHDRAWAL, RETRY = Release("ann", "I looked"), Withdrawal("ann", "not today"), Retry("ann")
ACCEPTANCE, CONFIRMATION = Acceptance("bob", "it is fine"), Confirmation("eve", "it may go")
WISHES = (RELEASE, ACCEPTANCE, CONFIRMATION, WITHDRAWAL, RETRY)
CONFIRM, REFUSE = DestroyToConfirm(DestroyRule.CONFIRM), DestroyToConfirm(DestroyRule.REFUSE)
ENDS = Plan((ResourceChange("aws_db.this", Action.DELETE, {}),), "1.15.0")


def executes(calls):
    return [call.argument for call in calls if call.actor == "execute"]


def actors(calls):
    return [(call.actor.value, call.argument) for call in calls]


def word(value):
    return value if isinstance(value, str) else type(value).__name__.lower()


@pytest.fixture
def hold(world):
    """Opens a run and lets it be held."""

    def hold(*reasons, **more):
        lease = world.claim(world.open(conditions=reasons, **more)).lease
        world.ledger.settle(lease, Held(reasons, ENDS))
        return lease.run

    return hold


@pytest.fixture
def held(world):
    lease = world.claim(world.open(conditions=(CONFIRM,))).lease
    world.ledger.settle(lease, Held((NeverReviewed(),), world.plan))
    return lease.run


@pytest.fixture
def failed(world):
    lease = world.claim(world.open(reviewed=world.plan)).lease
    world.ledger.settle(lease, FAILED)
    return lease.run


@pytest.fixture
def plan(world):
    """Makes a plan of a pull; the run's number."""

    def plan(plan=ENDS, operation=Operation.PLAN_DESTROY, **more):
        lease = world.claim(world.open(operation, **more)).lease
        world.ledger.settle(lease, Ended(Planned(plan, Verdict(Risk.HIGH))))
        return lease.run

    return plan


def test_a_released_run_waits_with_the_plan_that_was_seen_as_the_reviewed_one(world, held):
    calls = world.wish(held, RELEASE)
    run = world.run(held)
    assert (run.state, run.reviewed) == (Waiting(), world.plan)
    assert all(condition.confirmed for condition in run.conditions)
    assert actors(calls) == [("execute", held), ("report", 7)]
    event = world.views.events(held)[0]
    assert (event.actor, event.before, event.after, event.why) == ("ann", "held", "waiting", "I looked")
    assert world.status() == "approved"


def test_a_run_that_no_pull_brought_is_reported_on_its_commit(world, hold):
    run = hold(CONFIRM, pull=None)
    assert actors(world.wish(run, CONFIRMATION)) == [("execute", run), ("report_commit", run)]


def test_what_a_word_does_not_settle_holds_the_run_still(world, hold):
    run = hold(CONFIRM, MassDestroy(6))
    before = world.views.requests()
    calls = world.wish(run, ACCEPTANCE)
    now = world.run(run)
    assert (now.state, now.conditions, now.reviewed) == (Held((CONFIRM,), ENDS), (CONFIRM,), None)
    assert actors(calls) == [("report", 7)]
    event = world.views.events(run)[0]
    assert (event.actor, event.before, event.after, event.why) == ("bob", "held", "held", "it is fine")
    assert (world.status(), world.views.requests()) == ("held", before)


@pytest.mark.parametrize("words", [(ACCEPTANCE, CONFIRMATION), (CONFIRMATION, ACCEPTANCE)], ids=["ab", "ba"])
def test_a_run_goes_on_when_everything_is_settled_in_whatever_order(world, hold, words):
    run = hold(CONFIRM, MassDestroy(6))
    first, last = (world.wish(run, wish) for wish in words)
    assert (executes(first), executes(last)) == ([], [run])
    now = world.run(run)
    assert (now.state, now.reviewed, now.conditions) == (Waiting(), ENDS, (replace(CONFIRM, confirmed=True),))
    assert [event.actor for event in world.views.events(run)][:2] == [wish.by for wish in reversed(words)]
    lease = world.claim(run, "w2").lease
    world.ledger.step(lease, "apply")
    world.ledger.settle(lease, Ended(Destroyed(1)))
    assert world.state(run) == "destroyed"


def test_both_words_may_come_in_one_decision(world, hold):
    run = hold(CONFIRM, MassDestroy(6))
    wishes = ((run, ACCEPTANCE), (run, CONFIRMATION))
    assert actors(world.ledger.commit(Decision(wishes=wishes))) == [("report", 7), ("execute", run)]
    assert world.run(run).state == Waiting()


def test_a_condition_that_the_accepted_plan_gave_no_cause_for_stands_for_the_next_one(world, held):
    world.wish(held, ACCEPTANCE)
    now = world.run(held)
    assert (now.state, now.reviewed, now.conditions) == (Waiting(), world.plan, (CONFIRM,))


def test_a_plan_is_confirmed_on_its_pull(world, plan):
    run = plan()
    before = world.views.run(run)
    world.clock.sleep(60)
    calls = world.wish(run, CONFIRMATION)
    after = world.views.run(run)
    assert (before.run.confirmed, after.run.confirmed) == ("", "eve")
    assert (after.run.state, after.ended) == (before.run.state, before.ended)
    assert actors(calls) == [("report", 7)]
    event = world.views.events(run)[0]
    assert (event.actor, event.why) == ("eve", "it may go")
    assert (event.before, event.after) == ("ended:planned", "ended:planned")


def test_a_plan_that_is_made_again_is_to_be_confirmed_again(world, plan):
    run = plan()
    world.wish(run, CONFIRMATION)
    (again,) = executes(world.wish(run, RETRY))
    assert (world.run(run).confirmed, world.run(again).confirmed) == ("eve", "")


def test_a_held_run_can_be_taken_back(world, held):
    calls = world.wish(held, WITHDRAWAL)
    assert world.run(held).state == Ended(Withdrawn("ann", "not today"))
    assert actors(calls) == [("report", 7)]
    assert world.status() is None


def test_a_retried_run_goes_on_as_another_attempt(world, failed):
    calls = world.wish(failed, RETRY)
    (again,) = executes(calls)
    assert (world.run(again).attempt, world.run(again).reviewed) == (2, world.plan)
    assert world.views.events(again)[0].actor == "ann"
    assert world.whys(again) == [f"another attempt of run {failed}"]
    assert world.state(failed) == "failed"


def test_an_interrupted_run_that_nobody_tries_any_more_can_be_retried(world):
    run = world.open()
    for _ in range(5):
        calls = world.ledger.settle(world.claim(run).lease, Ended(Interrupted("apply", "lost")))
        run = max([run, *executes(calls)])
    (again,) = executes(world.wish(run, RETRY))
    assert (world.run(again).attempt, world.run(again).tries) == (6, Tries())


def test_a_run_is_retried_once_at_a_time(world, failed):
    world.wish(failed, RETRY)
    with pytest.raises(IllegalTransition, match="run 2 came after it and waits for a worker"):
        world.wish(failed, RETRY)


def test_old_content_is_not_retried_over_newer(world, failed):
    world.apply(size="large")
    with pytest.raises(
        IllegalTransition, match="run 1 cannot be retried: run 2 came after it and was applied"
    ):
        world.wish(failed, RETRY)


def test_newer_content_that_nobody_wanted_in_the_end_is_in_nobodys_way(world, failed):
    world.wish(world.open(size="large"), WITHDRAWAL)
    assert executes(world.wish(failed, RETRY)) == [3]


def test_plans_of_other_pulls_are_in_nobodys_way(world):
    lease = world.claim(world.open(Operation.PLAN, pull=7)).lease
    world.open(Operation.PLAN, pull=8)
    world.ledger.settle(lease, FAILED)
    assert executes(world.wish(lease.run, RETRY)) == [3]


def test_a_plan_is_made_again_as_often_as_somebody_likes(world, plan):
    run = plan()
    for attempt in (2, 3):
        calls = world.wish(run, RETRY)
        (again,) = executes(calls)
        assert world.run(again).attempt == attempt
        assert actors(calls) == [("execute", again), ("report", 7)]
        world.ledger.settle(world.claim(again).lease, world.planned)


def test_a_plan_is_not_made_again_while_another_of_its_pull_is_open(world, plan):
    run, newer = plan(), world.open(Operation.PLAN, size="large")
    with pytest.raises(IllegalTransition, match=f"run {newer} came after it and waits for a worker"):
        world.wish(run, RETRY)


def test_the_plan_of_a_pull_that_went_back_is_made_again(world, plan):
    run = plan()
    plan(size="large")
    assert executes(world.wish(run, RETRY)) == [3]


@pytest.mark.parametrize("wish", WISHES, ids=word)
def test_a_run_that_never_was_is_nobodys(world, wish):
    with pytest.raises(UnknownRun):
        world.wish(99, wish)


ENDED = {
    "applied": Ended(Applied({})),
    "destroyed": Ended(Destroyed()),
    "failed": FAILED,
    "interrupted": Ended(Interrupted("apply", "drained")),
    "held": Held((NeverReviewed(),), ENDS),
    "refused": Held((REFUSE,), ENDS),
    "planned": Ended(Planned(ENDS, Verdict(Risk.HIGH))),
    "harmless": Ended(Planned(Plan(), Verdict(Risk.NONE))),
}
REFUSED = [
    (RELEASE, "waiting", "cannot be released: it waits for a worker; wait for what comes of it, or withdraw"),
    (RELEASE, "running", "cannot be released: it is on a worker; wait until it has ended"),
    (
        RELEASE,
        "applied",
        "cannot be released: it was applied; change or destroy what it made with a new pull",
    ),
    (RELEASE, "failed", "cannot be released: it failed; retry it, or mend it with a new pull"),
    (ACCEPTANCE, "withdrawn", "cannot be accepted: it was withdrawn; another commit that asks for it opens"),
    (
        ACCEPTANCE,
        "refused",
        "cannot be accepted: it is held, since the environment refuses .*; confirm it by",
    ),
    (
        CONFIRMATION,
        "refused",
        "cannot be confirmed: it is held, since the environment refuses .*; .*an operator",
    ),
    (CONFIRMATION, "held", "cannot be confirmed: it is held, since it was merged before .*; accept it"),
    (CONFIRMATION, "waiting", "cannot be confirmed: it waits for a worker"),
    (CONFIRMATION, "destroyed", "cannot be confirmed: it destroyed what was there; ask for it again"),
    (CONFIRMATION, "plan: harmless", "needs no confirmation: its plan destroys and replaces nothing"),
    (CONFIRMATION, "plan: failed", "cannot be confirmed: it failed; retry it"),
    (CONFIRMATION, "planned", "cannot be confirmed: it was only planned; nothing is applied while"),
    (WITHDRAWAL, "running", "cannot be withdrawn: it is on a worker; wait until it has ended"),
    (WITHDRAWAL, "applied", "cannot be withdrawn: it was applied"),
    (WITHDRAWAL, "plan: planned", "cannot be withdrawn: it made its plan, which changes nothing"),
    (RETRY, "waiting", "cannot be retried: it waits for a worker"),
    (RETRY, "running", "cannot be retried: it is on a worker"),
    (RETRY, "held", "cannot be retried: it is held; release it, or withdraw it"),
    (RETRY, "applied", "cannot be retried: it was applied; change or destroy what it made with a new pull"),
    (RETRY, "planned", "cannot be retried: it was only planned; nothing is applied while"),
    (
        RETRY,
        "withdrawn",
        "cannot be retried: it was withdrawn; another commit that asks for it opens a new run",
    ),
    (RETRY, "superseded", "cannot be retried: it gave way to newer content; look at the newest run"),
    (RETRY, "plan: superseded", "cannot be retried: it gave way to newer content"),
]


@pytest.fixture
def bring(world):
    """Brings a run to where a word says, a plan's where the word begins so; its number."""

    def bring(at):
        lane, _, at = at.rpartition(": ")
        operation = Operation.PLAN if lane else Operation.APPLY
        run = world.open(operation, mode=Mode.PLAN_ONLY if at == "planned" else Mode.APPLY)
        if at == "withdrawn":
            world.wish(run, WITHDRAWAL)
        elif at == "superseded":
            world.open(operation, size="large")
        elif at != "waiting":
            lease = world.claim(run).lease
            if at in ENDED:
                world.ledger.settle(lease, ENDED[at])
        return run

    return bring


def everything(world):
    tables = ("runs", "events", "requests", "calls", "answers", "workspaces", "proposals")
    return [world.sql(f"SELECT * FROM {table}") for table in tables]


@pytest.mark.parametrize(("wish", "at", "words"), REFUSED, ids=word)
def test_what_cannot_be_is_refused_with_what_the_run_is_and_what_can_be_done(world, bring, wish, at, words):
    run = bring(at)
    before = everything(world)
    with pytest.raises(IllegalTransition, match=f"run {run} {words}"):
        world.wish(run, wish)
    assert everything(world) == before


@pytest.mark.parametrize(
    ("last", "error"),
    [((99, RETRY), UnknownRun), ((1, ACCEPTANCE), IllegalTransition)],
    ids=["lost", "ended"],
)
def test_a_wish_that_fails_takes_everything_else_with_it(world, last, error):
    world.apply(name="other")
    workspace = world.workspace("third")
    lease = world.claim(world.open()).lease
    world.ledger.settle(lease, Held((NeverReviewed(),), ENDS))
    before = everything(world)
    decision = Decision(
        (world.opening(workspace),), (workspace,), cursor="c" * 40, wishes=((lease.run, ACCEPTANCE), last)
    )
    with pytest.raises(error):
        world.ledger.commit(decision)
    assert everything(world) == before
    assert world.ledger.register().cursor is None


def test_wishes_come_before_what_the_same_decision_opens(world, failed):
    """Else newer content would be in the way of an older run that somebody still wanted when they decided."""
    workspace = world.workspace(size="large")
    decision = Decision((world.opening(workspace),), (workspace,), wishes=((failed, RETRY),))
    assert executes(world.ledger.commit(decision)) == [2, 3]
    assert [view.run.state.type for view in world.views.runs(RunQuery())] == ["waiting", "ended", "ended"]


def test_a_waiting_run_can_be_taken_back(world):
    run = world.open()
    world.ledger.settle(world.claim(run).lease, GivenBack("not now"))
    world.wish(run, WITHDRAWAL)
    assert world.state(run) == "withdrawn"
    assert world.ledger.claim(run, "w2") is None

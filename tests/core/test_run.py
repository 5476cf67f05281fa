from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from controller.core.environment import DestroyRule, Mode
from controller.core.hold import DestroyToConfirm, MassDestroy, NeverReviewed, NoPull
from controller.core.identity import RequestId
from controller.core.outcome import (
    Applied,
    Cause,
    Destroyed,
    Failed,
    Interrupted,
    Planned,
    Superseded,
    Withdrawn,
)
from controller.core.plan import Action, Plan, ResourceChange
from controller.core.run import (
    Ended,
    Held,
    Opening,
    Operation,
    Running,
    State,
    Waiting,
    again,
    confirm,
    move,
    refusal,
    settle,
    situation,
)
from controller.core.verdict import Risk, Verdict
from controller.core.wish import Acceptance, Confirmation, Release
from controller.errors import IllegalTransition

PLAN = Plan(terraform="shown")
CONFIRM, REFUSE = DestroyToConfirm(DestroyRule.CONFIRM), DestroyToConfirm(DestroyRule.REFUSE)
MASS, NO_PULL = MassDestroy(6), NoPull("c" * 40)
RELEASE, ACCEPTANCE = Release("ann", "seen"), Acceptance("bob", "fine")
CONFIRMATION = Confirmation("eve", "it may go")
STATES = {
    "waiting": Waiting(),
    "running": Running("worker", 1),
    "held": Held((NeverReviewed(),), PLAN),
    "ended": Ended(Applied({})),
}
ALLOWED = {
    ("waiting", "running"),
    ("waiting", "ended"),
    ("running", "running"),
    ("running", "waiting"),
    ("running", "held"),
    ("running", "ended"),
    ("held", "held"),
    ("held", "waiting"),
    ("held", "ended"),
}


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_a_run_goes_only_where_its_state_machine_has_a_way(run, before, after):
    then = run(STATES[before], id=5)
    if (before, after) in ALLOWED:
        assert move(then, STATES[after]) == replace(then, state=STATES[after])
        return
    with pytest.raises(IllegalTransition, match=f"run 5 is {before} and cannot become {after}"):
        move(then, STATES[after])


@pytest.mark.parametrize(
    ("name", "is_open"), [("waiting", True), ("running", True), ("held", True), ("ended", False)]
)
def test_a_run_is_open_until_it_has_ended(run, name, is_open):
    assert run(STATES[name]).is_open is is_open


@pytest.mark.parametrize("state", STATES.values())
def test_a_state_survives_the_ledger(state):
    adapter = TypeAdapter(State)
    assert adapter.validate_json(adapter.dump_json(state)) == state


def test_a_released_run_waits_with_the_plan_that_was_shown_as_the_reviewed_one(run):
    held = run(STATES["held"], conditions=(NoPull("c"),), reviewed=Plan(terraform="older"))
    released = settle(held, RELEASE)
    assert (released.state, released.reviewed, released.conditions) == (Waiting(), PLAN, ())
    assert replace(released, state=held.state, reviewed=held.reviewed, conditions=held.conditions) == held


@pytest.mark.parametrize("name", ["waiting", "running", "ended"])
@pytest.mark.parametrize(
    ("wish", "done"), [(RELEASE, "released"), (ACCEPTANCE, "accepted"), (CONFIRMATION, "confirmed")]
)
def test_only_a_held_run_can_be_settled(run, name, wish, done):
    then = run(STATES[name], id=5)
    with pytest.raises(IllegalTransition) as refused:
        settle(then, wish)
    assert str(refused.value) == f"run 5 cannot be {done}: it {situation(then)}" == str(refusal(then, done))


@pytest.mark.parametrize(
    ("wish", "reasons", "left"),
    [
        (RELEASE, (CONFIRM, REFUSE, MASS, NO_PULL), ()),
        (RELEASE, (), ()),
        (ACCEPTANCE, (MASS, NO_PULL), ()),
        (ACCEPTANCE, (MASS, CONFIRM, NO_PULL), (CONFIRM,)),
        (ACCEPTANCE, (REFUSE, MASS), (REFUSE,)),
        (CONFIRMATION, (CONFIRM,), ()),
        (CONFIRMATION, (CONFIRM, MASS), (MASS,)),
        (CONFIRMATION, (CONFIRM, REFUSE), (REFUSE,)),
    ],
)
def test_a_word_settles_what_it_is_about_and_the_rest_holds_the_run(run, wish, reasons, left):
    held = run(Held(reasons, PLAN), conditions=reasons, reviewed=Plan(terraform="older"))
    settled = settle(held, wish)
    assert tuple(each for each in settled.conditions if not getattr(each, "confirmed", False)) == left
    assert settled.state == (Held(left, PLAN) if left else Waiting())
    assert settled.reviewed == (held.reviewed if left else PLAN)


@pytest.mark.parametrize(
    ("wish", "reasons", "words"),
    [
        (
            ACCEPTANCE,
            (CONFIRM,),
            "cannot be accepted: it is held, since the environment wants .*; confirm it by",
        ),
        (
            ACCEPTANCE,
            (REFUSE,),
            "cannot be accepted: it is held, since the environment refuses .*an operator",
        ),
        (CONFIRMATION, (MASS, NO_PULL), "cannot be confirmed: it is held, since 6 requests .*; accept it"),
        (
            CONFIRMATION,
            (REFUSE,),
            "cannot be confirmed: it is held, since the environment refuses .*an operator",
        ),
    ],
)
def test_a_word_that_settles_nothing_is_refused_with_the_reasons_that_stand(run, wish, reasons, words):
    with pytest.raises(IllegalTransition, match=f"run 5 {words}"):
        settle(run(Held(reasons, PLAN), id=5), wish)


def test_a_condition_that_the_shown_plan_gave_no_cause_for_outlives_an_acceptance(run):
    """A change in place ends nothing; if the plan that is made next does, that is still to be confirmed by name."""
    held = run(Held((MASS,), PLAN), conditions=(MASS, CONFIRM))
    assert settle(held, ACCEPTANCE).conditions == (CONFIRM,)
    assert [each.confirmed for each in settle(held, RELEASE).conditions] == [True]


ENDS = Plan((ResourceChange("a.b", Action.REPLACE, {}),))


def planned(plan):
    return Ended(Planned(plan, Verdict(Risk.HIGH)))


@pytest.mark.parametrize("operation", [Operation.PLAN, Operation.PLAN_DESTROY])
def test_a_plan_that_ends_something_says_who_confirmed_it_and_is_else_the_same(run, operation):
    made = run(planned(ENDS), operation=operation)
    assert confirm(made, CONFIRMATION) == replace(made, confirmed="eve")


@pytest.mark.parametrize(
    ("state", "operation", "words"),
    [
        (planned(Plan()), Operation.PLAN, "needs no confirmation: its plan destroys and replaces nothing"),
        (planned(ENDS), Operation.DESTROY, "cannot be confirmed: it was only planned"),
        (Ended(Failed("plan", Cause.MISTAKE, "no")), Operation.PLAN, "cannot be confirmed: it failed"),
        (Waiting(), Operation.PLAN, "cannot be confirmed: it waits"),
        (Ended(Applied({})), Operation.APPLY, "cannot be confirmed: it was applied"),
    ],
)
def test_nothing_but_a_plan_that_ends_something_is_confirmed(run, state, operation, words):
    with pytest.raises(IllegalTransition, match=f"run 5 {words}"):
        confirm(run(state, operation=operation, id=5), CONFIRMATION)


OUTCOMES = (
    Planned(PLAN, Verdict(Risk.NONE)),
    Applied({}),
    Destroyed(),
    Failed("plan", Cause.MISTAKE, "no"),
    Interrupted("plan", "drained"),
    Superseded("run 3"),
    Withdrawn("ann", "no"),
)


@pytest.mark.parametrize(
    "state",
    [*list(STATES.values())[:3], *map(Ended, OUTCOMES)],
    ids=lambda state: getattr(state, "outcome", state).type,
)
def test_every_state_says_what_it_is_and_what_can_be_done(run, state):
    what, _, way_out = situation(run(state, operation=Operation.PLAN)).partition("; ")
    assert what and way_out


@pytest.mark.parametrize(
    ("operation", "destroys", "only_plans"),
    [
        (Operation.PLAN, False, True),
        (Operation.PLAN_DESTROY, True, True),
        (Operation.APPLY, False, False),
        (Operation.DESTROY, True, False),
    ],
)
def test_what_an_operation_does(operation, destroys, only_plans):
    assert (operation.destroys, operation.only_plans) == (destroys, only_plans)


OPENING = Opening(
    RequestId("dev", "database", "orders"), Operation.APPLY, "digest", Mode.APPLY, "commit", 7, 3
)


@pytest.mark.parametrize(
    ("facts", "is_same"),
    [
        ({}, True),
        ({"commit": "other"}, True),
        ({"pull": 8}, True),
        ({"pull": None}, True),
        ({"reviewed": PLAN}, True),
        ({"conditions": (NeverReviewed(),)}, True),
        ({"request": RequestId("prod", "database", "orders")}, False),
        ({"request": RequestId("dev", "database", "orders2")}, False),
        ({"operation": Operation.DESTROY}, False),
        ({"operation": Operation.PLAN}, False),
        ({"digest": "other"}, False),
        ({"mode": Mode.PLAN_ONLY}, False),
        ({"after": 4}, False),
        ({"after": None}, False),
        ({"attempt": 2}, False),
    ],
)
def test_two_openings_of_the_same_work_have_one_key(facts, is_same):
    assert (replace(OPENING, **facts).key == OPENING.key) is is_same


def test_two_pulls_never_share_a_plan():
    plan = replace(OPENING, operation=Operation.PLAN)
    assert plan.key != replace(plan, pull=8).key
    assert plan.key == replace(plan, commit="other").key


def test_a_key_is_the_same_tomorrow():
    """A key that changes with a release would make every run again."""
    assert OPENING.key == "1a9e11b6e8e484b5e1774154ec55d699a52fdddaed20f3de9bf84c4196063e77"


def test_the_next_attempt_is_the_same_work_with_another_key(run):
    first = run(STATES["ended"], after=3, reviewed=PLAN, conditions=(NoPull("c"),))
    then = again(first)
    assert then.attempt == 2
    assert (then.request, then.operation, then.digest, then.mode) == (
        first.request,
        first.operation,
        first.digest,
        first.mode,
    )
    assert (then.commit, then.pull, then.after) == (first.commit, first.pull, first.after)
    assert (then.reviewed, then.conditions) == (PLAN, (NoPull("c"),))
    assert then.key != replace(then, attempt=1).key

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter

from controller.core.environment import Mode
from controller.core.hold import NeverReviewed
from controller.core.identity import RequestId
from controller.core.outcome import Applied, Cause
from controller.core.plan import Plan
from controller.core.run import (
    Ended,
    Held,
    Opening,
    Operation,
    Running,
    State,
    Tries,
    Waiting,
    move,
)
from controller.errors import IllegalTransition

PLAN = Plan(terraform="shown")
STATES = {
    "waiting": Waiting(datetime(2026, 11, 23, 12, 3, tzinfo=UTC), Cause.NETWORK),
    "running": Running("worker", 1),
    "held": Held((NeverReviewed(),), PLAN),
    "ended": Ended(Applied({})),
}
ALLOWED = {
    ("waiting", "waiting"),
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


def test_the_attempts_at_one_work_are_a_family():
    plan = replace(OPENING, operation=Operation.PLAN)
    assert replace(plan, attempt=3, commit="other").family == plan.family
    assert replace(plan, pull=8).family != plan.family
    assert plan.family != plan.key


def test_how_often_and_for_what_a_run_waits_is_not_in_its_key():
    waits = replace(OPENING, tries=Tries(failed=1), waits=Waiting(cause=Cause.NETWORK))
    assert waits.key == OPENING.key

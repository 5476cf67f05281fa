"""What a person's word makes of a run."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from controller.core.environment import DestroyRule
from controller.core.hold import DestroyToConfirm, MassDestroy, NeverReviewed, NoPull
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
from controller.core.resolution import confirm, refusal, retry, settle, situation, withdraw
from controller.core.run import Ended, Held, Opening, Operation, Running, Tries, Waiting
from controller.core.verdict import Risk, Verdict
from controller.core.wish import Acceptance, Confirmation, Release, Withdrawal
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
SOON = Waiting(datetime(2026, 11, 23, 12, 3, tzinfo=UTC), Cause.THROTTLED)
FAILED = Ended(Failed("apply", Cause.THROTTLED, "slow down"))
INTERRUPTED = Ended(Interrupted("apply", "drained"))


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


@pytest.mark.parametrize("state", [STATES["waiting"], SOON, STATES["held"]])
def test_what_waits_or_is_held_can_be_taken_back(run, state):
    then = run(state)
    assert withdraw(then, Withdrawal("ann", "not today")) == replace(
        then, state=Ended(Withdrawn("ann", "not today"))
    )


@pytest.mark.parametrize("name", ["running", "ended"])
def test_what_is_on_a_worker_or_over_is_not_taken_back(run, name):
    with pytest.raises(IllegalTransition, match="run 5 cannot be withdrawn: it "):
        withdraw(run(STATES[name], id=5), Withdrawal("ann", "no"))


PLANNED, WITHDRAWN = planned(ENDS), Ended(Withdrawn("ann", "no"))


@pytest.mark.parametrize(
    ("state", "operation", "is_tried"),
    [
        (FAILED, Operation.APPLY, True),
        (INTERRUPTED, Operation.DESTROY, True),
        (FAILED, Operation.PLAN, True),
        (PLANNED, Operation.PLAN, True),
        (WITHDRAWN, Operation.PLAN_DESTROY, True),
        (PLANNED, Operation.APPLY, False),
        (WITHDRAWN, Operation.APPLY, False),
        (Ended(Applied({})), Operation.APPLY, False),
        (Ended(Superseded("run 3")), Operation.PLAN, False),
        (Waiting(), Operation.APPLY, False),
        (STATES["running"], Operation.APPLY, False),
        (STATES["held"], Operation.DESTROY, False),
    ],
)
def test_what_ended_badly_is_tried_again_when_somebody_says_so_and_a_plan_whenever(
    run, state, operation, is_tried
):
    then = run(state, operation=operation, id=5, attempt=3, tries=Tries(2, 1))
    if is_tried:
        tried = retry(then, None)
        assert (type(tried), tried.attempt, tried.tries, tried.waits) == (Opening, 4, Tries(), Waiting())
        return
    with pytest.raises(IllegalTransition, match="run 5 cannot be retried: it "):
        retry(then, None)


def test_what_waits_for_its_time_is_tried_at_once_and_counts_as_asked_for_anew(run):
    waits = run(SOON, id=6, attempt=2, tries=Tries(failed=1))
    at_once = replace(waits, state=Waiting(), tries=Tries())
    assert retry(waits, None) == at_once
    assert retry(run(FAILED, id=5), waits) == at_once


@pytest.mark.parametrize(
    ("state", "facts"),
    [
        (SOON, {"digest": "newer"}),
        (SOON, {"operation": Operation.DESTROY}),
        (Waiting(), {}),
        (INTERRUPTED, {}),
    ],
)
def test_what_came_after_a_run_is_in_the_way_of_a_retry_but_for_its_own_next_try(run, state, facts):
    later = run(state, **{"id": 6, "attempt": 2, "tries": Tries(failed=1), **facts})
    with pytest.raises(IllegalTransition) as refused:
        retry(run(FAILED, id=5), later)
    assert str(refused.value) == f"run 5 cannot be retried: run 6 came after it and {situation(later)}"


@pytest.mark.parametrize(("failed", "which"), [(1, "second"), (2, "third")])
def test_a_run_that_waits_for_its_time_says_until_when_and_why(run, failed, which):
    assert situation(run(SOON, tries=Tries(failed=failed))) == (
        f"waits until 12:03:00 UTC for its {which} try, after: throttled; "
        "retry it to have it tried at once, or withdraw it"
    )

"""Which run follows another, and which makes room."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from controller.core.environment import Mode
from controller.core.hold import NeverReviewed, NoPull
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
from controller.core.plan import Plan
from controller.core.run import Ended, Held, Opening, Operation, Running, Tries, Waiting
from controller.core.succession import (
    MOST_ATTEMPTS,
    MOST_TRIES,
    PASSING,
    Admission,
    Peer,
    Sequel,
    admit,
    again,
    is_spoilt,
    outdates_plans,
    sequel,
    superseded_by,
)
from controller.core.verdict import Risk, Verdict

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PLAN = Plan(terraform="shown")
PLANNED = Planned(PLAN, Verdict(Risk.NONE))
INTERRUPTED = Interrupted("apply", "its worker was lost")


def failed(cause=Cause.THROTTLED):
    return Failed("apply", cause, "no")


@pytest.mark.parametrize("operation", list(Operation))
@pytest.mark.parametrize("cause", list(Cause))
def test_only_what_may_pass_by_itself_is_tried_again_by_itself(run, cause, operation):
    follows = sequel(run(Ended(failed(cause)), operation=operation), None, NOW)
    assert (follows.opening is not None) is (cause in {Cause.THROTTLED, Cause.NETWORK, Cause.LOCK_HELD})
    assert follows == Sequel() or follows.opening.waits.cause is cause


@pytest.mark.parametrize(
    "outcome", [PLANNED, Applied({}), Destroyed(), Superseded("run 3"), Withdrawn("ann", "no")]
)
@pytest.mark.parametrize("heir", [None, 9])
def test_what_ended_well_or_was_not_wanted_has_no_sequel(run, outcome, heir):
    assert sequel(run(Ended(outcome)), heir, NOW) == Sequel()


@pytest.mark.parametrize("state", [Waiting(), Held((NeverReviewed(),), PLAN)])
def test_what_has_not_ended_has_no_sequel(run, state):
    assert sequel(run(state), None, NOW) == Sequel()


@pytest.mark.parametrize("outcome", [INTERRUPTED, failed(), failed(Cause.MISTAKE)])
def test_newer_content_goes_on_in_the_place_of_what_ended_badly(run, outcome):
    assert sequel(run(Ended(outcome)), 9, NOW) == Sequel(None, "run 9 goes on with newer content")


def test_a_lost_workers_run_is_taken_over_at_once(run):
    lost = run(Ended(INTERRUPTED), tries=Tries(failed=1))
    follows = sequel(lost, None, NOW)
    assert follows == Sequel(replace(again(lost), tries=Tries(failed=1, lost=1)), "another attempt goes on")
    assert follows.opening.waits == Waiting()


def test_a_try_says_until_when_it_waits_and_why(run):
    follows = sequel(run(Ended(failed(Cause.NETWORK))), None, NOW)
    waits = follows.opening.waits
    assert waits == Waiting(waits.until, Cause.NETWORK)
    assert follows.why == f"it is tried again at {waits.until:%Y-%m-%d %H:%M:%S} UTC"


@pytest.mark.parametrize(("count", "least"), [(0, 60), (1, 120)])
def test_each_try_waits_twice_as_long_and_up_to_a_quarter_more(run, count, least):
    pauses = {
        sequel(
            run(Ended(failed()), digest=f"{digest}", tries=Tries(failed=count)), None, NOW
        ).opening.waits.until
        - NOW
        for digest in range(200)
    }
    assert timedelta(seconds=least) <= min(pauses) < max(pauses) < timedelta(seconds=least * 1.25)
    assert len(pauses) == 200  # those that failed together do not come back together
    assert max(pauses) - min(pauses) > timedelta(seconds=least * 0.2)


def test_the_same_try_waits_as_long_whoever_reckons(run):
    assert sequel(run(Ended(failed())), None, NOW) == sequel(run(Ended(failed())), None, NOW)


def go_on(run, outcomes):
    """Let a run and its sequels end in turn; how many runs there were."""
    then, count = run(), 1
    for outcome in outcomes:
        follows = sequel(replace(then, state=Ended(outcome)), None, NOW)
        if follows.opening is None:
            return count, follows.why
        then = replace(then, attempt=follows.opening.attempt, tries=follows.opening.tries)
        count += 1
    raise AssertionError("it goes on for ever")


@pytest.mark.parametrize(
    ("outcomes", "most", "why"),
    [
        ([failed()] * 50, MOST_TRIES, "it was tried 3 times, and nobody tries again by themselves"),
        (
            [INTERRUPTED] * 50,
            MOST_ATTEMPTS,
            "its worker was lost 5 times, and nobody tries again by themselves",
        ),
        (
            [failed(), INTERRUPTED] * 50,
            2 * MOST_TRIES - 1,
            "it was tried 3 times, and nobody tries again by themselves",
        ),
        (
            [INTERRUPTED, INTERRUPTED, failed()] * 50,
            7,
            "its worker was lost 5 times, and nobody tries again by themselves",
        ),
        ([failed(), failed(Cause.MISTAKE)], 2, ""),
    ],
    ids=["failures", "losses", "both", "more losses", "a mistake"],
)
def test_nothing_goes_on_for_ever(run, outcomes, most, why):
    assert go_on(run, outcomes) == (most, why)


def test_no_cause_that_a_person_must_mend_passes_by_itself():
    assert {Cause.THROTTLED, Cause.NETWORK, Cause.LOCK_HELD} == PASSING


@pytest.mark.parametrize(
    ("operation", "outcome", "was_changed", "spoilt"),
    [
        (Operation.PLAN, PLANNED, True, True),
        (Operation.PLAN_DESTROY, failed(), True, True),
        (Operation.PLAN, PLANNED, False, False),
        (Operation.PLAN, INTERRUPTED, True, False),
        (Operation.APPLY, PLANNED, True, False),
        (Operation.DESTROY, failed(), True, False),
    ],
)
def test_a_plan_is_worth_nothing_if_the_state_was_in_somebodys_hands_meanwhile(
    run, operation, outcome, was_changed, spoilt
):
    assert is_spoilt(run(operation=operation), outcome, was_changed=was_changed) is spoilt


@pytest.mark.parametrize(
    ("operation", "step", "state", "outdates"),
    [
        (Operation.APPLY, "apply", Ended(failed()), True),
        (Operation.APPLY, "plan", Ended(Applied({})), True),
        (Operation.DESTROY, "plan", Ended(Destroyed()), True),
        (Operation.APPLY, "plan", Ended(failed()), False),
        (Operation.APPLY, "apply", Waiting(), False),
        (Operation.PLAN, "apply", Ended(failed()), False),
    ],
)
def test_plans_are_of_something_else_once_a_run_began_to_change_it(run, operation, step, state, outdates):
    assert outdates_plans(run(Running("w", 1, step), operation=operation), state) is outdates


OPENING = Opening(RequestId("dev", "database", "orders"), Operation.APPLY, "d", Mode.APPLY, "c1", 7)
PLANNING = replace(OPENING, operation=Operation.PLAN)


def peer(opening=OPENING, state="waiting", outcome=None, **more):
    known = (opening.operation, opening.digest, opening.mode, opening.commit, opening.pull, opening.attempt)
    return Peer(5, opening.family, *known, state, outcome, **more)


def ended(outcome, opening=OPENING, **more):
    return peer(opening, "ended", outcome, **more)


NEWER, OTHER = replace(OPENING, digest="newer"), replace(PLANNING, pull=8)


@pytest.mark.parametrize(
    ("opening", "peers", "admission"),
    [
        (OPENING, [], Admission(OPENING, None, ())),
        (OPENING, [peer()], Admission(None, 5, ())),
        (OPENING, [peer(state="held")], Admission(None, 5, ())),
        (OPENING, [peer(state="running")], Admission(None, 5, ())),
        (OPENING, [ended("failed")], Admission(None, 5, ())),
        (OPENING, [ended("applied")], Admission(None, 5, ())),
        (OPENING, [ended("superseded")], Admission(replace(OPENING, attempt=2), 5, ())),
        (OPENING, [ended("withdrawn")], Admission(replace(OPENING, attempt=2), 5, ())),
        (OPENING, [ended("withdrawn", by_person=True)], Admission(None, 5, ())),
        (
            replace(OPENING, commit="c2"),
            [ended("withdrawn", by_person=True)],
            Admission(replace(OPENING, commit="c2", attempt=2), 5, ()),
        ),
        (replace(OPENING, attempt=2), [ended("failed")], Admission(replace(OPENING, attempt=2), 5, ())),
        (NEWER, [peer()], Admission(NEWER, None, (5,))),
        (NEWER, [peer(state="held")], Admission(NEWER, None, (5,))),
        (NEWER, [peer(state="running")], Admission(NEWER, None, ())),
        (NEWER, [peer(PLANNING)], Admission(NEWER, None, ())),
        (replace(OPENING, after=3), [peer(state="running")], Admission(None, 5, ())),
        (PLANNING, [peer(OTHER)], Admission(PLANNING, None, ())),
        (
            replace(PLANNING, digest="newer"),
            [peer(PLANNING)],
            Admission(replace(PLANNING, digest="newer"), None, (5,)),
        ),
        (
            replace(PLANNING, after=3),
            [peer(PLANNING, "running")],
            Admission(replace(PLANNING, after=3), None, ()),
        ),
    ],
)
def test_an_opening_becomes_a_run_unless_its_work_has_one_and_ends_what_it_makes_pointless(
    opening, peers, admission
):
    assert admit(opening, peers) == admission


def test_content_whose_work_was_done_still_ends_what_waits_in_its_place():
    """A pull that goes back to a plan that was made needs no other, and nothing of what it wanted meanwhile."""
    meanwhile = replace(peer(replace(PLANNING, digest="meanwhile")), id=6)
    assert admit(PLANNING, [ended("planned", PLANNING), meanwhile]) == Admission(None, 5, (6,))


def test_the_newest_attempt_decides():
    third = replace(OPENING, attempt=3)
    peers = [ended("superseded", third), replace(ended("failed"), id=4)]
    assert admit(OPENING, peers) == Admission(replace(OPENING, attempt=4), 5, ())


def test_what_gives_way_says_to_whom():
    assert superseded_by(9) == Superseded("run 9 has the newer content")


def test_the_next_attempt_is_the_same_work_with_another_key(run):
    first = run(Ended(Applied({})), after=3, reviewed=PLAN, conditions=(NoPull("c"),), tries=Tries(1, 1))
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
    assert (then.tries, then.waits) == (Tries(1, 1), Waiting())
    assert then.key != replace(then, attempt=1).key

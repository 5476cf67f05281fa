from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from controller.core.change import Create, Destroy, Update
from controller.core.command import Command, Misspelt, Verb
from controller.core.environment import DestroyRule
from controller.core.hold import DestroyToConfirm, NeverReviewed, NotApproved
from controller.core.identity import RequestId
from controller.core.lock import StateLock
from controller.core.outcome import Applied, Cause, Failed, Interrupted, Planned
from controller.core.plan import Plan
from controller.core.proposal import Planning, Proposal
from controller.core.pull import PullState, Remark
from controller.core.request import Request
from controller.core.ruling import EDITED, HELP, LATE, Authority, Scene, answer, rule
from controller.core.run import Ended, Held, Operation, Running, Waiting
from controller.core.tenure import GRACE, Alive, Free, FreshLock, LeftLock, Silent, StrangeLock, Tenure
from controller.core.verdict import Risk, Verdict
from controller.core.wish import Acceptance, Confirmation, Retry

APPLY, RETRY, PLAN = Command(Verb.APPLY), Command(Verb.RETRY), Command(Verb.PLAN)
UNLOCK = Command(Verb.UNLOCK)
CONFIRM = Command(Verb.CONFIRM_DESTROY, "orders")
MAY = Authority(granted=True, wanted=("@acme/platform",))
MAY_NOT = replace(MAY, granted=False)
UNSEEN = replace(MAY, granted=None)
REFUSES = replace(MAY, rule=DestroyRule.REFUSE)
LENIENT = replace(MAY, rule=DestroyRule.ALLOW)
FAILED = Ended(Failed("apply", Cause.THROTTLED, "slow down"))
WRITTEN = datetime(2026, 11, 1, 10, tzinfo=UTC)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LOCK = StateLock("4f1c", who="root@box", created=NOON)
ORDERS = RequestId("dev", "database", "orders")
TO_CONFIRM = DestroyToConfirm(DestroyRule.CONFIRM)


@pytest.fixture
def held(run, plan):
    def make(*reasons, **facts):
        return run(Held(reasons, plan(a="delete")), **facts)

    return make


@pytest.fixture
def planned(run, plan):
    def make(action="delete", **facts):
        state = Ended(Planned(plan(a=action), Verdict(Risk.HIGH)))
        return run(state, Operation.PLAN_DESTROY if action == "delete" else Operation.PLAN, **facts)

    return make


@pytest.fixture
def scene(pull, identity):
    """A merged pull with these runs and somebody with write access who comments; `change` makes it an open one."""

    def make(*runs, by="bob", edited=False, change=None, may_write=True, authority=MAY, now=WRITTEN, **more):
        state = PullState.OPEN if change else PullState.MERGED
        request = Request(identity, "payments", "requests/payments/orders.yaml", {})
        changes = (
            ()
            if change is None
            else (change(request, "d", request) if change is Update else change(request, "d"),)
        )
        return Scene(
            Remark(5, 7, by, "", WRITTEN, edited),
            pull(state=state),
            Proposal(pull(state=state), "t" * 40, changes),
            runs,
            may_write,
            now,
            {"dev": authority},
            **more,
        )  # fmt: skip

    return make


def refusal(ruling):
    assert not ruling.wishes
    (said,) = ruling.refusals
    return said


def test_help_is_for_anybody(scene):
    assert rule([Command(Verb.HELP)], scene(may_write=False, authority=MAY_NOT)).words == HELP


@pytest.mark.parametrize("verb", [Verb.PLAN, Verb.RETRY, Verb.UNLOCK])
def test_who_may_not_write_gets_nothing_done(scene, run, verb):
    assert "needs write access" in refusal(rule([Command(verb)], scene(run(FAILED), may_write=False)))


@pytest.mark.parametrize("verb", list(Verb))
def test_an_edited_comment_is_no_command(scene, run, verb):
    assert rule([Command(verb, "orders")], scene(run(FAILED), edited=True)).refusals == (EDITED,)


def test_what_is_held_is_accepted_by_an_approver(scene, held):
    ruling = rule([APPLY], scene(held(NeverReviewed()), may_write=False))

    assert ruling.wishes == ((1, Acceptance("bob", "/infra apply on #7")),)
    assert not ruling.refusals


@pytest.mark.parametrize(
    ("authority", "by", "words"),
    [
        (MAY_NOT, "bob", "is for one of `@acme/platform` to decide"),
        (MAY_NOT, "ann", "other than the pull's author"),
        (UNSEEN, "bob", "GitHub does not show `@acme/platform`"),
    ],
)
@pytest.mark.parametrize("command", [APPLY, CONFIRM])
def test_who_is_no_approver_releases_nothing(scene, held, authority, by, words, command):
    runs = held(NeverReviewed() if command is APPLY else TO_CONFIRM)

    assert words in refusal(rule([command], scene(runs, authority=authority, by=by)))


@pytest.mark.parametrize("state", [Waiting(), Running("w", 1), Ended(Applied({})), FAILED])
def test_what_is_not_held_cannot_be_accepted(scene, run, state):
    assert refusal(rule([APPLY], scene(run(state)))) == "nothing of this pull is held"


def test_an_open_pull_is_not_applied_by_a_comment(scene, planned):
    assert "merging is what applies it" in refusal(rule([APPLY], scene(planned("create"), change=Create)))


def test_accepting_does_not_confirm_what_must_be_confirmed_by_name(scene, held):
    assert "/infra confirm-destroy orders" in refusal(rule([APPLY], scene(held(TO_CONFIRM))))


def test_two_commands_of_one_comment_settle_two_reasons(scene, held):
    ruling = rule([APPLY, CONFIRM], scene(held(TO_CONFIRM, NotApproved("0 of 1"))))

    assert [type(wish) for _, wish in ruling.wishes] == [Acceptance, Confirmation]


@pytest.mark.parametrize("name", ["orders", "dev/database/orders", "dev.database.orders"])
def test_a_destroy_is_confirmed_by_its_name(scene, held, name):
    ruling = rule([Command(Verb.CONFIRM_DESTROY, name)], scene(held(TO_CONFIRM)))

    assert ruling.wishes == ((1, Confirmation("bob", f"/infra confirm-destroy {name} on #7")),)


def test_a_destroy_is_confirmed_before_the_merge_on_the_plan_that_is_shown(scene, planned):
    old, new = planned(id=1, digest="old"), planned(id=2)
    ruling = rule([CONFIRM], scene(new, old, change=Destroy))

    assert [number for number, _ in ruling.wishes] == [2]


def test_a_replacement_is_confirmed_before_the_merge(scene, planned):
    assert rule([CONFIRM], scene(planned("replace"), change=Update)).wishes


def test_a_plan_that_is_not_made_yet_cannot_be_confirmed(scene, run):
    waiting = run(Waiting(), Operation.PLAN_DESTROY)

    assert "not made yet" in refusal(rule([CONFIRM], scene(waiting, change=Destroy)))


def test_a_plan_of_an_older_head_cannot_be_confirmed(scene, planned):
    assert "not made yet" in refusal(rule([CONFIRM], scene(planned(digest="old"), change=Destroy)))


def test_a_plan_that_ends_nothing_needs_no_confirmation(scene, planned):
    assert "nothing of `orders` to confirm" in refusal(
        rule([CONFIRM], scene(planned("create"), change=Create))
    )


def test_where_destroys_are_allowed_there_is_nothing_to_confirm(scene, planned):
    ruling = rule([CONFIRM], scene(planned(), change=Destroy, authority=LENIENT))

    assert "nothing of `orders` to confirm" in refusal(ruling)


def test_where_destroys_are_refused_nobody_confirms_them(scene, held):
    refused = held(DestroyToConfirm(DestroyRule.REFUSE))

    assert "says `destroy: confirm`" in refusal(rule([CONFIRM], scene(refused, authority=REFUSES)))


def test_a_request_of_another_pull_cannot_be_confirmed_here(scene, held):
    command = Command(Verb.CONFIRM_DESTROY, "billing")

    assert refusal(rule([command], scene(held(TO_CONFIRM)))) == (
        "`billing` is no request of this pull; it has `dev/database/orders`"
    )


def test_a_name_that_two_requests_have_must_be_written_in_full(scene, held):
    other = held(TO_CONFIRM, id=2, request=RequestId("dev", "s3", "orders"))

    assert "write the whole of it" in refusal(rule([CONFIRM], scene(held(TO_CONFIRM), other)))


@pytest.mark.parametrize("state", [FAILED, Ended(Interrupted("apply", "killed"))])
def test_what_failed_is_retried(scene, run, state):
    assert rule([RETRY], scene(run(state))).wishes == ((1, Retry("bob")),)


def test_only_the_newest_run_of_a_request_is_retried(scene, run):
    assert refusal(rule([RETRY], scene(run(Ended(Applied({})), id=2), run(FAILED)))) == (
        "nothing of this pull failed, so there is nothing to retry"
    )


def test_a_plan_is_made_again(scene, planned):
    ruling = rule([PLAN], scene(planned(), change=Destroy))

    assert ruling.wishes == ((1, Retry("bob")),)
    assert ruling.vouches


def test_vouching_for_a_stranger_that_is_heard_late_vouches_for_nothing(scene):
    stage = scene(change=Create, now=WRITTEN + LATE + timedelta(seconds=1))
    strange = replace(stage, proposal=replace(stage.proposal, planning=Planning.STRANGER))

    assert "heard late" in refusal(rule([PLAN], strange))
    assert rule([PLAN], replace(strange, now=WRITTEN + LATE)).vouches
    assert rule([PLAN], stage).vouches


def test_a_plan_that_is_under_way_is_not_begun_twice(scene, run):
    ruling = rule([PLAN], scene(run(Running("w", 1), Operation.PLAN_DESTROY), change=Destroy))

    assert ruling.vouches and not ruling.wishes and not ruling.refusals


@pytest.mark.parametrize(
    ("command", "operation", "more"),
    [(RETRY, Operation.APPLY, {}), (PLAN, Operation.PLAN, {"change": Create})],
)
def test_what_waits_for_the_time_of_its_next_try_is_tried_at_once(scene, run, command, operation, more):
    later = run(Waiting(NOON, Cause.THROTTLED), operation)

    assert rule([command], scene(later, **more)).wishes == ((1, Retry("bob")),)


def test_a_merged_pull_is_not_planned(scene):
    assert "only open ones are planned" in refusal(rule([PLAN], scene()))


def test_unlocking_tries_again_what_only_the_dead_hold(scene, run):
    left = LeftLock(LOCK, Tenure(3, "box:1", "apply", NOON, NOON, ended=NOON))
    ruling = rule([UNLOCK], scene(run(FAILED), holders={ORDERS: left}, now=NOON + GRACE))

    assert ruling.wishes == ((1, Retry("bob")),)
    assert ruling.words[0].startswith("`dev/database/orders` is held by run 3 at apply")
    assert not ruling.refusals and not ruling.takes_over


def test_unlocking_takes_over_a_lease_that_nobody_renews(scene, run):
    silent = Silent(Tenure(3, "box:1", "apply", NOON, NOON, lease=NOON))
    ruling = rule([UNLOCK], scene(run(Running("box:1", 1)), holders={ORDERS: silent}, now=NOON + GRACE))

    assert ruling.takes_over and not ruling.wishes and not ruling.refusals


@pytest.mark.parametrize(
    "living",
    [
        Alive(Tenure(3, "box:1", "apply", NOON, NOON, lease=NOON + GRACE)),
        FreshLock(LOCK, Tenure(3, "box:1", "apply", NOON, NOON, ended=NOON), NOON + GRACE),
        StrangeLock(LOCK),
    ],
    ids=lambda living: type(living).__name__,
)
def test_unlocking_refuses_to_touch_what_the_living_or_the_unknown_hold(scene, run, living):
    ruling = rule([UNLOCK], scene(run(FAILED), holders={ORDERS: living}, now=NOON))

    assert refusal(ruling).startswith("`dev/database/orders` is held by ")
    assert not ruling.wishes and not ruling.takes_over


def test_unlocking_what_nobody_holds_says_so(scene, run):
    ruling = rule([UNLOCK], scene(run(FAILED), holders={ORDERS: Free()}))

    assert ruling.words == ("Nobody is at work on this pull's requests, and no lock is known.",)
    assert rule([UNLOCK], scene()).words == ruling.words


def test_a_misspelt_command_is_told_and_does_not_stop_the_others(scene, run):
    ruling = rule([Misspelt("/infra aply", "Did you mean `apply`?"), RETRY], scene(run(FAILED)))

    assert len(ruling.wishes) == 1
    assert ruling.refusals == ("`/infra aply` is no command. Did you mean `apply`?",)


def test_an_environment_that_is_gone_is_for_nobody_but_administrators(scene, held):
    stage = replace(scene(held(NeverReviewed())), authority={})

    assert "one of `admin`" in refusal(rule([APPLY], stage))


def test_an_answer_says_what_was_refused_first(scene, run):
    stage = scene(run(FAILED), change=Create)
    ruling = rule([Command(Verb.HELP), APPLY], stage)
    said = answer(ruling, stage)

    assert said.refused and said.words[0].startswith("nothing is merged yet") and said.words[1:] == HELP
    assert (said.comment, said.pull, said.by, said.vouches) == (5, 7, "bob", "")
    assert answer(rule([PLAN], stage), stage).vouches == stage.pull.head


def test_an_empty_plan_is_planned_again_too(scene, run):
    state = Ended(Planned(Plan(), Verdict(Risk.NONE)))

    assert rule([PLAN], scene(run(state, Operation.PLAN), change=Create)).wishes


def test_accepting_what_an_environment_refuses_says_the_way_out_that_works(scene, held):
    refused = held(DestroyToConfirm(DestroyRule.REFUSE))

    assert "says `destroy: confirm`" in refusal(rule([APPLY], scene(refused, authority=REFUSES)))

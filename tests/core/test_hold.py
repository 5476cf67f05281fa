import pytest
from pydantic import TypeAdapter

from controller.core.change import MASS, Create, Destroy
from controller.core.environment import DestroyRule
from controller.core.hold import (
    DestroyToConfirm,
    Hold,
    MassDestroy,
    MayBeUnreadable,
    NeverReviewed,
    NoPull,
    NotApproved,
    NotCovered,
    OverLimit,
    compare,
    conditions,
    missing,
    outlived,
    settles,
)
from controller.core.wish import Acceptance, Confirmation, Release

ALLOW, CONFIRM, REFUSE = DestroyRule.ALLOW, DestroyRule.CONFIRM, DestroyRule.REFUSE


@pytest.mark.parametrize(
    ("rule", "destroys", "unreadable", "holds"),
    [
        (ALLOW, 1, (), []),
        (ALLOW, MASS, (), []),
        (ALLOW, MASS + 1, (), [MassDestroy]),
        (CONFIRM, 1, (), [DestroyToConfirm]),
        (REFUSE, 1, (), [DestroyToConfirm]),
        (ALLOW, 1, ("a",), [MayBeUnreadable]),
        (CONFIRM, MASS + 1, ("a",), [DestroyToConfirm, MassDestroy, MayBeUnreadable]),
    ],
)
def test_a_destroy_waits_for_all_that_must_be_settled(accepted, ask, rule, destroys, unreadable, holds):
    found = conditions(Destroy(accepted(ask()), "d"), rule, destroys, unreadable)
    assert [type(hold) for hold in found] == holds


def test_what_destroys_nothing_waits_for_no_one_unless_its_plan_ends_something(accepted, ask, plan):
    asked = conditions(Create(accepted(ask()), "d"), REFUSE, 100, ("a",))
    assert asked == (DestroyToConfirm(REFUSE),)
    for action, holds in (("create", ()), ("update", ()), ("replace", asked), ("delete", asked)):
        fresh = plan(a=action)
        assert missing(asked, fresh, fresh) == holds


def test_nothing_is_held_that_would_do_nothing(plan):
    asked = (NoPull("c"), MassDestroy(9), DestroyToConfirm(REFUSE))
    assert missing(asked, None, plan()) == ()
    assert missing(asked, None, plan(a="create")) == asked[:2]


@pytest.mark.parametrize(
    ("reviewed", "fresh", "holds"),
    [
        (None, {}, []),
        (None, {"a": "create"}, []),
        (None, {"a": "create", "b": "update"}, [NeverReviewed]),
        (None, {"a": "delete"}, [NeverReviewed]),
        (None, {"a": "replace"}, [NeverReviewed]),
        ({"a": "create"}, {"a": "create"}, []),
        ({"a": "create"}, {}, []),
        ({}, {"a": "create"}, [NotCovered]),
        ({"a": "create"}, {"a": "delete"}, [NotCovered]),
    ],
)
def test_a_fresh_plan_is_held_unless_it_was_reviewed_or_solely_creates(plan, reviewed, fresh, holds):
    found = compare(None if reviewed is None else plan(**reviewed), plan(**fresh))
    assert [type(hold) for hold in found] == holds


HOLDS = [
    (NotCovered(("would delete `a`", "b")), "the plan is no longer the reviewed one: would delete `a`; b"),
    (NeverReviewed(), "it was merged before its plan was ready, and it does more than create"),
    (NoPull("c" * 40), "no merged pull request is known for commit cccccccccccc"),
    (NotApproved("1 of 2"), "it was merged without approval: 1 of 2"),
    (OverLimit("one too many"), "one too many"),
    (MassDestroy(7), "7 requests would be destroyed at once, more than 5"),
    (DestroyToConfirm(CONFIRM), "the environment wants every destroy and every replacement confirmed"),
    (DestroyToConfirm(REFUSE), "the environment refuses to destroy or replace unless somebody insists"),
    (MayBeUnreadable(("a", "b")), "it may be what a file asks for that cannot be read: `a`, `b`"),
]


@pytest.mark.parametrize(("hold", "words"), HOLDS)
def test_a_hold_says_why_in_one_sentence_and_survives_the_ledger(hold, words):
    assert str(hold) == words
    adapter = TypeAdapter(tuple[Hold, ...])
    assert adapter.validate_json(adapter.dump_json((hold,))) == (hold,)


@pytest.mark.parametrize("hold", [hold for hold, _ in HOLDS], ids=lambda hold: hold.type)
def test_whose_word_settles_what(hold):
    """What would end an object is confirmed by name where the environment says `confirm`, and by an operator alone else."""
    ends = isinstance(hold, DestroyToConfirm)
    assert settles(Release("ann", "y"), hold)
    assert settles(Acceptance("ann", "y"), hold) is not ends
    assert settles(Confirmation("ann", "y"), hold) is (ends and hold.rule is CONFIRM)


@pytest.mark.parametrize(
    ("had", "today", "gone"),
    [
        ((NoPull("c"),), (), (NoPull("c"),)),
        ((NoPull("c"),), (NoPull("d"),), ()),
        ((NotApproved("0 of 1"),), (NotApproved("1 of 2"),), ()),
        ((OverLimit("3 of 2"), NotApproved("0 of 1")), (OverLimit("4 of 2"),), (NotApproved("0 of 1"),)),
        ((DestroyToConfirm(REFUSE),), (DestroyToConfirm(CONFIRM),), (DestroyToConfirm(REFUSE),)),
        ((DestroyToConfirm(CONFIRM),), (DestroyToConfirm(CONFIRM),), ()),
        ((MassDestroy(6),), (), ()),
        ((), (NoPull("c"),), ()),
    ],
)
def test_a_condition_is_outlived_when_nothing_says_it_any_more(had, today, gone):
    assert outlived(had, today) == gone

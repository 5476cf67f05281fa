"""A comment is answered once, and what it asks for is done with its answer or not at all."""

from dataclasses import replace

import pytest

from controller.core.call import report
from controller.core.decision import Decision
from controller.core.hold import NeverReviewed
from controller.core.run import Held, Waiting
from controller.core.wish import Acceptance, Answer, Withdrawal
from controller.errors import IllegalTransition

pytestmark = pytest.mark.edge

ANSWER = Answer(4_294_967_296, 7, "ann", refused=True, words=("no: \N{SNOWMAN}\x00\ud800", "nor this"))
YES = Answer(5, 7, "ann", refused=False)


def test_an_answer_comes_back_as_it_was(world):
    assert world.views.answer(ANSWER.comment) is None
    world.ledger.commit(Decision(answer=ANSWER))
    world.ledger.commit(Decision(answer=YES))
    assert (world.views.answer(ANSWER.comment), world.views.answer(5)) == (ANSWER, YES)


def test_a_comment_that_was_answered_changes_nothing_again(world):
    lease = world.claim(world.open()).lease
    world.ledger.settle(lease, Held((NeverReviewed(),), world.plan))
    first = Decision(wishes=((lease.run, Acceptance("ann", "fine")),), answer=YES, calls=(report(7),))
    assert [call.actor for call in world.ledger.commit(first)] == ["execute", "report"]
    workspace = world.workspace("other")
    again = Decision(
        (world.opening(workspace),),
        (workspace,),
        {lease.run: None},
        cursor="c" * 40,
        calls=(report(8),),
        wishes=((lease.run, Withdrawal("ann", "no")), (99, Withdrawal("ann", "no"))),
        answer=replace(ANSWER, comment=5),
    )
    assert world.ledger.commit(again) == ()
    assert world.run(lease.run).state == Waiting()
    assert world.views.answer(5) == YES
    assert world.ledger.register().cursor is None
    assert [run.id for run in world.ledger.register().open_runs] == [lease.run]


def test_what_could_not_be_done_was_not_answered(world):
    run = world.open()
    with pytest.raises(IllegalTransition):
        world.ledger.commit(Decision(wishes=((run, Acceptance("ann", "fine")),), answer=YES))
    assert world.views.answer(5) is None
    world.ledger.commit(Decision(answer=replace(YES, refused=True, words=("it waits",))))
    assert world.views.answer(5).refused


def test_the_newest_comment_that_vouched_counts(world):
    assert world.views.vouch(7) is None
    for comment, pull, head in ((3, 7, "b" * 40), (2, 7, "a" * 40), (4, 7, ""), (9, 8, "c" * 40)):
        world.ledger.commit(Decision(answer=Answer(comment, pull, "ann", refused=False, vouches=head)))
    assert (world.views.vouch(7).comment, world.views.vouch(7).vouches) == (3, "b" * 40)
    assert world.views.vouch(9) is None

"""Deliveries, and the calls that are sent because of them and of runs."""

import pytest

from controller.core.call import Call, plan_pull, reconcile
from controller.core.decision import Decision
from controller.core.delivery import Delivery
from controller.core.run import Operation
from controller.ports import GivenBack

pytestmark = pytest.mark.edge

DELIVERY = Delivery("guid-1", "pull_request", {"action": "opened", "number": 7})


def executes(calls):
    return [call.argument for call in calls if call.actor == "execute"]


def test_a_delivery_is_recorded_with_its_call(world):
    (call,) = world.ledger.record(DELIVERY, plan_pull(7))
    assert call == Call(plan_pull(7).actor, "pull", 7, call.id)
    assert call.id is not None
    assert world.sql("SELECT guid, event, action FROM deliveries") == [("guid-1", "pull_request", "opened")]


def test_a_redelivery_calls_nobody_again(world):
    calls = world.ledger.record(DELIVERY, plan_pull(7))
    world.ledger.sent(calls)
    assert world.ledger.record(DELIVERY, plan_pull(7)) == ()
    assert world.views.counts()["calls"] == {"unsent": 0}


def test_a_first_try_that_was_not_sent_does_not_burn_the_guid(world):
    calls = world.ledger.record(DELIVERY, plan_pull(7))
    assert len(calls) == 1
    assert world.ledger.record(DELIVERY, plan_pull(7)) == calls


def test_strange_text_in_a_delivery_is_no_error(world):
    strange = Delivery("guid-\x00-\ud800", "pull\x00", {"action": "\udfff"})
    calls = world.ledger.record(strange, reconcile())
    assert len(calls) == 1
    assert world.ledger.record(strange, reconcile()) == calls


def test_an_unsent_call_is_swept_up_after_a_moment(world):
    calls = world.ledger.record(DELIVERY, plan_pull(7))
    assert len(calls) == 1
    assert world.ledger.sweep() == ()
    world.clock.sleep(3)
    assert world.ledger.sweep() == calls
    assert world.ledger.sweep() == calls
    world.ledger.sent(calls)
    assert world.ledger.sweep() == ()


def test_a_call_without_a_number_was_never_the_ledgers(world):
    world.ledger.sent((plan_pull(7),))
    world.ledger.sent(())


def test_old_calls_are_forgotten_and_their_delivery_is_not(world):
    world.ledger.sent(world.ledger.record(DELIVERY, plan_pull(7)))
    world.clock.sleep(25 * 3600)
    world.ledger.sweep()
    assert world.sql("SELECT count(*) FROM calls") == [(0,)]
    assert world.ledger.record(DELIVERY, plan_pull(7)) == ()


def commit(world, operation=Operation.APPLY, **more):
    workspace = world.workspace(**more)
    opening = world.opening(workspace, operation)
    calls = world.ledger.commit(Decision(openings=(opening,), workspaces=(workspace,)))
    world.ledger.sent(calls)
    return calls


def test_a_run_whose_message_was_lost_is_called_again_each_minute(world):
    (call,) = commit(world)
    world.clock.sleep(29)
    assert world.ledger.sweep() == ()
    called = []
    for _ in range(36):
        world.clock.sleep(5)
        calls = world.ledger.sweep()
        world.ledger.sent(calls)
        called.extend(calls)
    assert executes(called) == [call.argument] * 3
    assert len({call.id for call in called}) == 3


def test_a_run_that_was_given_back_is_called_again_after_a_while(world):
    (call,) = commit(world)
    world.clock.sleep(100)
    lease = world.claim(call.argument).lease
    world.ledger.settle(lease, GivenBack("the worker is ailing"))
    world.clock.sleep(20)
    assert executes(world.ledger.sweep()) == []
    world.clock.sleep(11)
    assert executes(world.ledger.sweep()) == [call.argument]


def test_while_the_broker_is_down_the_outbox_does_not_grow(world):
    world.open()
    for _ in range(100):
        world.clock.sleep(60)
        assert executes(world.ledger.sweep()) == [1]
    assert world.views.counts()["calls"] == {"unsent": 1}


def test_only_the_head_of_each_queue_is_called_again(world, monkeypatch):
    monkeypatch.setattr("controller.edge.ledger.ledger.QUEUE_HEAD", 2)
    for name in ("a", "b", "c"):
        commit(world, name=name)
    commit(world, Operation.PLAN, name="d")
    world.clock.sleep(31)
    assert executes(world.ledger.sweep()) == [1, 2, 4]


def test_a_run_that_is_on_a_worker_is_not_called(world):
    commit(world)
    lease = world.claim(1).lease
    for _ in range(4):
        world.clock.sleep(30)
        world.ledger.beat(lease)
        assert world.ledger.sweep() == ()

"""Deliveries, and the calls that are sent because of them and of runs."""

from dataclasses import replace

import pytest

from controller.core.call import Actor, Call, plan_pull, reconcile, report
from controller.core.decision import Decision
from controller.core.delivery import Delivery
from controller.core.outcome import Applied, Cause, Failed
from controller.core.run import Ended, Operation
from controller.ports import GivenBack

pytestmark = pytest.mark.edge

DELIVERY = Delivery("guid-1", "pull_request", {"action": "opened", "number": 7})


def record(world, delivery=DELIVERY, call=plan_pull(7)):  # noqa: B008 -- a value
    (calls,) = world.ledger.record([(delivery, call)])
    return calls


def executes(calls):
    return [call.argument for call in calls if call.actor == "execute"]


def test_a_delivery_is_recorded_with_its_call(world):
    (call,) = record(world)
    assert call == Call(plan_pull(7).actor, "pull", 7, call.id)
    assert call.id is not None
    assert world.sql("SELECT guid, event, action FROM deliveries") == [("guid-1", "pull_request", "opened")]


def test_a_redelivery_calls_nobody_again(world):
    calls = record(world)
    world.ledger.sent(calls)
    assert record(world) == ()
    assert world.views.counts()["calls"] == {"unsent": 0}


def test_a_first_try_that_was_not_sent_does_not_burn_the_guid(world):
    calls = record(world)
    assert len(calls) == 1
    assert record(world) == calls


def test_strange_text_in_a_delivery_is_no_error(world):
    strange = Delivery("guid-\x00-\ud800", "pull\x00", {"action": "\udfff"})
    calls = record(world, strange, reconcile())
    assert len(calls) == 1
    assert record(world, strange, reconcile()) == calls


def test_deliveries_that_come_together_are_recorded_together_each_with_its_own_call(world):
    recorded = world.ledger.record(
        [(Delivery(f"guid-{number}", "push", {}), plan_pull(number)) for number in (3, 1, 2)]
    )
    assert [call.argument for (call,) in recorded] == [3, 1, 2]
    assert world.sql("SELECT argument, delivery FROM calls ORDER BY argument") == [
        (1, "guid-1"),
        (2, "guid-2"),
        (3, "guid-3"),
    ]


def test_of_copies_that_come_together_with_a_redelivery_each_is_called_for_once(world):
    before = record(world)
    other = Delivery("guid-2", "push", {})
    recorded = world.ledger.record([(other, reconcile()), (DELIVERY, plan_pull(7)), (other, reconcile())])
    assert sorted(map(len, recorded)) == [0, 1, 1]
    assert recorded[1] == before
    assert world.sql("SELECT count(*) FROM calls") == [(2,)]


def test_no_deliveries_are_nothing_to_record(world):
    assert world.ledger.record([]) == ()


def test_an_unsent_call_is_swept_up_after_a_moment(world):
    calls = record(world)
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
    world.ledger.sent(record(world))
    world.clock.sleep(25 * 3600)
    world.ledger.sweep()
    assert world.sql("SELECT count(*) FROM calls") == [(0,)]
    assert record(world) == ()


def test_a_delivery_is_forgotten_once_nobody_can_send_it_again_and_its_call_was_sent(world):
    world.ledger.sent(record(world))
    record(world, Delivery("guid-2", "push", {}), reconcile())
    world.clock.sleep(8 * 24 * 3600)
    world.ledger.sweep()

    assert world.sql("SELECT guid FROM deliveries") == [("guid-2",)]


def commit(world, operation=Operation.APPLY, **more):
    workspace = world.workspace(**more)
    opening = world.opening(workspace, operation)
    calls = world.ledger.commit(Decision(openings=(opening,), workspaces=(workspace,)))
    world.ledger.sent(calls)
    return calls


@pytest.mark.parametrize("operation", [Operation.PLAN, Operation.APPLY])
def test_of_many_runs_of_a_pull_that_end_well_people_hear_of_the_half_and_of_the_end(world, operation):
    names = [f"r{number}" for number in range(20)]
    opened = [world.open(operation, name=name) for name in names]
    well = world.planned if operation is Operation.PLAN else Ended(Applied({}))
    told = [told_of(world, run, well) for run in opened]

    assert [number for number, calls in enumerate(told, 1) if calls] == [10, 20]
    assert told[-1] == [report(7)]


def test_what_goes_wrong_among_many_runs_of_a_pull_is_told_at_once(world):
    opened = [world.open(name=f"r{number}") for number in range(20)]

    assert told_of(world, opened[0], Ended(Failed("apply", Cause.PERMISSION, "no"))) == [report(7)]
    assert told_of(world, opened[1], Ended(Applied({}))) == []


def told_of(world, run, state):
    """The reports that a run's end makes."""
    calls = world.ledger.settle(world.claim(run).lease, state)
    return [replace(call, id=None) for call in calls if call.actor is Actor.REPORT]


def test_a_run_whose_message_was_lost_is_called_again_ever_less_often(world):
    (call,) = commit(world)
    start, called = world.clock.now, []
    for _ in range(360):
        world.clock.sleep(15)
        calls = world.ledger.sweep()
        world.ledger.sent(calls)
        called += [((world.clock.now - start).total_seconds(), each) for each in calls]
    minutes = [0.5, 1.5, 3.5, 7.5, 15.5, 30.5, 45.5, 60.5, 75.5]
    assert [at / 60 for at, _ in called] == minutes
    assert executes(each for _, each in called) == [call.argument] * len(minutes)
    assert len({each.id for _, each in called}) == len(minutes)


def test_a_run_that_waits_again_is_called_as_one_that_never_did(world):
    (call,) = commit(world)
    world.clock.sleep(31)
    world.ledger.sent(world.ledger.sweep())
    world.ledger.settle(world.claim(call.argument).lease, GivenBack("not now"))
    world.clock.sleep(31)
    assert executes(world.ledger.sweep()) == [call.argument]


def test_a_run_that_was_given_back_is_called_again_after_a_while(world):
    (call,) = commit(world)
    world.clock.sleep(100)
    lease = world.claim(call.argument).lease
    world.ledger.sent(world.ledger.settle(lease, GivenBack("the worker is ailing")))
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
    monkeypatch.setattr("controller.edge.ledger.reminders.QUEUE_HEAD", 2)
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

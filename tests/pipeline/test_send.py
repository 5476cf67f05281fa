"""Wake-up calls: each is sent once, however many want the same, and none is forgotten."""

from controller.core.call import plan_pull, reconcile
from controller.core.decision import Decision
from controller.pipeline.send import send


def recorded(world, *calls):
    """Calls, each of a decision of its own."""
    return tuple(call for each in calls for call in world.ledger.commit(Decision(calls=(each,))))


def unsent(world):
    return world.views.counts()["calls"]["unsent"]


def test_of_calls_that_say_the_same_one_is_sent_and_all_are_done_with(world):
    calls = recorded(world, plan_pull(7), reconcile(), plan_pull(7), plan_pull(8), plan_pull(7))
    before, sent = unsent(world), []
    world.queue.send = lambda *taken: sent.extend(taken)

    assert send(world.ports, calls)
    assert [(call.actor, call.argument) for call in sent] == [
        ("plan_pull", 7),
        ("reconcile", None),
        ("plan_pull", 8),
    ]
    assert unsent(world) == before - 5


def test_what_a_broker_does_not_take_is_sent_by_the_sweep(world):
    calls = recorded(world, plan_pull(7), plan_pull(7), reconcile())
    world.queue.is_down = True
    assert not send(world.ports, calls)
    world.queue.is_down, left = False, unsent(world)
    assert left >= 3

    world.sweep(later=5)
    assert {"plan_pull", "reconcile"} <= {call.actor for call in world.queue.calls}
    assert unsent(world) == 0

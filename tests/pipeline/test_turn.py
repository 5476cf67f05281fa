"""Stories of time and turns: what is told once, told again, and not lost with whoever told it."""

import threading

import pytest

from controller.core.call import Actor, check_branch, check_queue, plan_pull, reconcile, report
from controller.core.decision import Decision
from controller.core.delivery import Delivery
from controller.core.event import Ignored
from controller.edge.ledger import SqlLedger, SqlTurns
from controller.edge.queue import HEARTBEAT_TIMEOUT
from controller.errors import LedgerError, Overtaken, QueueError
from controller.pipeline import reconcile as reconciling
from controller.pipeline import turn
from controller.pipeline.receive import concerned, wake
from controller.pipeline.send import send
from controller.pipeline.turn import single_flight

PATH = "requests/payments/orders.yaml"


def opened(number, guid="g-1"):
    payload = {
        "action": "opened",
        "pull_request": {"number": number},
        "repository": {"full_name": "acme/infra"},
    }
    return Delivery(guid, "pull_request", payload)


def receive(ports, delivery):
    wake(ports, ports.ledger.record([(delivery, concerned(delivery))]))


def test_a_story_is_told_again_where_it_was_wanted_meanwhile(world):
    told = []

    def story():
        told.append(1)
        if len(told) == 1:
            single_flight(world.ports, "a story", story)

    single_flight(world.ports, "a story", story)

    assert len(told) == 2


def test_what_comes_in_bursts_is_told_again_after_a_pause_in_which_nobody_has_the_turn(world, monkeypatch):
    told, paused = [], []

    def pause(seconds):
        paused.append((seconds, len(told)))
        assert world.ports.turns.take("a story", "another", 1)
        world.ports.turns.give_back("a story", "another")

    def story():
        told.append(1)
        if len(told) == 1:
            single_flight(world.ports, "a story", story)

    monkeypatch.setattr(turn.time, "sleep", pause)
    single_flight(world.ports, "a story", story, pause=0.5)

    assert len(told) == 2
    assert paused == [(0.5, 1)]


def test_a_story_that_fails_gives_its_turn_back(world):
    with pytest.raises(ZeroDivisionError):
        single_flight(world.ports, "a story", lambda: 1 / 0)

    assert world.ports.turns.take("a story", "another", 1)


def test_a_story_that_fails_and_was_wanted_meanwhile_is_told_again(world):
    told = []

    def story():
        told.append(1)
        if len(told) == 1:
            single_flight(world.ports, "a story", story)
            raise LedgerError("away")

    single_flight(world.ports, "a story", story)

    assert len(told) == 2


def test_a_sweep_says_that_the_broker_took_nothing(world):
    world.call(report(1))
    world.ledger.commit(Decision(calls=(report(2),)))
    world.queue.is_down = True
    with pytest.raises(QueueError):
        world.sweep(later=5)


def test_the_turn_of_a_dead_teller_is_over_before_its_message_comes_back(world):
    world.ports.turns.take("pull 7", "dead", turn.SECONDS)
    world.clock.sleep(HEARTBEAT_TIMEOUT / 1000)
    told = []
    single_flight(world.ports, "pull 7", lambda: told.append(1))

    assert told == [1]


def test_a_long_story_keeps_its_turn(world, monkeypatch):
    monkeypatch.setattr(turn, "SECONDS", 0.3)
    kept, taken = threading.Event(), []
    take = world.ports.turns.take

    def counting(name, owner, seconds):
        taken.append(name)
        if len(taken) >= 3:
            kept.set()
        return take(name, owner, seconds)

    world.ports.turns.take = counting
    single_flight(world.ports, "a story", lambda: kept.wait(10))

    assert kept.is_set()


def test_a_broker_that_breaks_among_calls_leaves_them_all_to_the_sweep(world):
    calls = world.ledger.commit(Decision(calls=(report(1), report(2), report(3))))
    sent = world.queue.send

    def refusing(*calls):
        sent(calls[0])
        raise QueueError("away")

    world.queue.send = refusing

    assert not send(world.ports, calls)

    world.queue.send = sent
    world.sweep(later=5)

    assert sorted(call.argument for call in world.queue.calls) == [1, 2, 3]


def test_a_delivery_is_recorded_and_wakes_whom_it_concerns(world):
    receive(world.ports, opened(7))
    assert [(call.actor, call.argument) for call in world.queue.calls] == [(Actor.PLAN_PULL, 7)]


def test_a_redelivery_wakes_nobody_again(world):
    receive(world.ports, opened(7))
    receive(world.ports, opened(7))

    assert len(world.queue.calls) == 1


def test_a_redelivery_of_what_could_not_be_sent_is_sent(world):
    world.queue.is_down = True
    receive(world.ports, opened(7))
    world.queue.is_down = False
    receive(world.ports, opened(7))

    assert len(world.queue.calls) == 1


def test_a_delivery_that_the_ledger_cannot_record_wakes_nobody(world):
    def full(*_):
        raise LedgerError("the disk is full")

    world.ports.ledger.record = full
    with pytest.raises(LedgerError):
        receive(world.ports, opened(7))

    assert world.queue.calls == []


@pytest.mark.parametrize("event", ["ping", "label", "star"])
def test_what_changes_nothing_is_ignored_and_says_why(event):
    answer = concerned(Delivery("g", event, {"action": "created"}))

    assert isinstance(answer, Ignored)
    assert answer.why


def test_a_flushed_broker_is_filled_again_with_what_waits(world, ask):
    number = world.pull({PATH: ask()})
    world.work(until=Actor.EXECUTE)
    world.queue.calls.clear()
    for _ in range(3):
        world.sweep(later=31)
    world.work()

    assert world.words(plans=True) == ["plan:planned"]
    assert world.statuses(number)["plan"] == "success"


def test_a_report_that_was_lost_on_the_way_is_said_again_in_time(world, ask):
    numbers = [world.pull({PATH.replace("orders", name): ask(name)}) for name in ("orders", "users", "sales")]
    while world.queue.calls:
        if world.queue.calls[0].actor is Actor.REPORT:
            world.queue.calls.pop(0)  # the broker was flushed
        else:
            world.step()
    assert world.github.comments == {}
    for _ in range(3):
        world.refresh(later=60)
        world.work()

    assert all(world.statuses(number)["plan"] == "success" for number in numbers)


def test_a_lost_result_is_said_again_in_time(world, ask):
    number = world.pull({PATH: ask()})
    world.work()
    world.merge(number)
    while world.queue.calls:
        if world.queue.calls[0].actor is Actor.REPORT:
            world.queue.calls.pop(0)
        else:
            world.step()
    assert world.result(number) is None
    world.refresh(later=60)
    world.work()

    assert "Done: 1 request provisioned" in world.result(number)


def test_saying_again_asks_little_of_github(world, ask):
    for number in range(12):
        world.look(world.open({f"requests/payments/r-{number}.yaml": ask(f"r-{number}")}))
    world.queue.calls.clear()
    world.refresh()

    assert 1 <= len(world.queue.calls) <= 3


def test_a_pull_s_call_that_led_to_nothing_is_found_by_the_next_reconcile(world, ask):
    number = world.open({PATH: ask()})
    world.call(plan_pull(number))
    world.queue.calls.clear()  # the broker was flushed
    world.reconcile()
    world.work()

    assert world.statuses(number)["plan"] == "success"


# --- a turn that was lost while its teller was frozen


def test_a_frozen_look_that_another_overtook_is_made_anew(world, ask):
    """Both hold the turn, as after a freeze of more than its length; the late one must not decide by what it saw."""
    world.bring({PATH: ask()})
    world.commit({PATH: None})
    back = world.git.trees[world.git.remote]
    thawed = world.github.open_pulls

    def frozen():
        world.github.__dict__.pop("open_pulls")
        found = thawed()
        fetch = world.git.fetch

        def late(*commits):
            fetch(*commits)
            world.git.__dict__.pop("fetch")
            _overtake(world, {PATH: ask()})

        world.git.fetch = late
        return found

    world.github.open_pulls = frozen
    world.reconcile()
    world.work()

    assert PATH not in back
    assert world.words() == ["apply:applied"]
    assert world.there() == {"orders"}


def test_a_look_that_is_overtaken_again_and_again_says_so(world, ask, monkeypatch):
    monkeypatch.setattr(SqlLedger, "commit", _overtaken)
    with pytest.raises(Overtaken):
        reconciling.reconcile(world.ports)


def _overtake(world, changes):
    """Another process, which took the turn over, reconciles a newer tip."""
    stale = world.git.local
    world.commit(changes)
    reconciling._once(world.ports)
    world.git.local = stale


def _overtaken(*_):
    raise Overtaken("it was reconciled meanwhile")


# --- a turn that nobody gave back


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("report 7", report(7)),
        ("pull 7", plan_pull(7)),
        ("reconcile", reconcile()),
        ("queue", check_queue()),
        ("branch", check_branch()),
    ],
)
def test_a_story_whose_teller_died_is_told_again_once_its_turn_is_over(world, name, call):
    """The calls that came meanwhile were left to it, and its own message may have been its last."""
    world.ports.turns.take(name, "dead", turn.SECONDS)
    world.sweep(later=turn.SECONDS - 1)
    assert world.queue.calls == []
    for _ in range(2):
        world.sweep(later=2)

    assert [(each.actor, each.argument) for each in world.queue.calls] == [(call.actor, call.argument)]


def test_a_living_teller_s_turn_is_left_alone(world):
    for _ in range(5):
        world.ports.turns.take("report 7", "alive", turn.SECONDS)
        world.sweep(later=turn.SECONDS / 2)

    assert world.queue.calls == []
    assert not world.ports.turns.take("report 7", "another", turn.SECONDS)


def test_other_turns_are_no_stories(world):
    world.ports.turns.take("tick report 7", "me", 10)
    world.ports.turns.take("reports", "me", 10)
    world.sweep(later=60)

    assert world.queue.calls == []


def test_a_result_is_told_though_its_teller_lost_the_ledger_in_its_turn(world, ask, monkeypatch):
    number = world.bring({PATH: ask()})
    give_back = SqlTurns.give_back

    def away(*_):
        raise LedgerError("the ledger is locked")

    monkeypatch.setattr(SqlTurns, "give_back", away)
    with pytest.raises(LedgerError):
        world.report(number)
    monkeypatch.setattr(SqlTurns, "give_back", give_back)
    world.github.comments.clear()
    world.report(number)
    assert world.result(number) is None
    world.sweep(later=turn.SECONDS + 1)
    world.work()

    assert "1 request provisioned" in world.result(number)

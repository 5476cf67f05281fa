"""What must be done once is done once, whoever tries at the same time, each through a connection of its own."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

import pytest

from controller.core.call import plan_pull
from controller.core.decision import Decision
from controller.core.delivery import Delivery
from controller.core.outcome import Applied, Cause, Failed
from controller.core.run import Ended, Operation
from controller.core.wish import Answer, Retry
from controller.edge.ledger import SqlLedger, SqlTurns, make_engine
from controller.errors import FenceLost, IllegalTransition
from controller.schedule import Complaints, Tick, _tick

pytestmark = pytest.mark.edge

RACERS = 4
DELIVERY = Delivery("guid-1", "pull_request", {"action": "opened"})


@contextmanager
def engine_of_its_own(world):
    engine = make_engine(world.url)
    yield engine
    engine.dispose()


def race(world, act, racers=RACERS):
    """Let `act(engine, name)` run in several threads at once; what each returned."""
    start = threading.Barrier(racers)

    def racer(name):
        with engine_of_its_own(world) as engine:
            start.wait(30)
            return act(engine, name)

    with ThreadPoolExecutor(racers) as pool:
        return list(pool.map(racer, [f"w{number}" for number in range(racers)]))


def test_racing_workers_get_each_run_once(world):
    workspaces = [world.workspace(f"r{number}") for number in range(20)]
    openings = tuple(world.opening(workspace) for workspace in workspaces)
    world.ledger.commit(Decision(openings=openings, workspaces=tuple(workspaces)))

    def work(engine, name):
        ledger = SqlLedger(engine, world.clock)
        return [run for run in range(1, 21) if ledger.claim(run, name)]

    assert sorted(chain.from_iterable(race(world, work))) == list(range(1, 21))


def test_racing_workers_never_change_one_workspace_at_once(world):
    for size in ("small", "large"):
        workspace = world.workspace(size=size)
        opening = world.opening(workspace)
        world.ledger.commit(Decision(workspaces=(workspace,)))
        world.sql("UPDATE runs SET state = 'running'")  # so that newer content leaves it alone
        world.ledger.commit(Decision(openings=(opening,)))
    world.sql("UPDATE runs SET state = 'waiting'")

    def work(engine, name):
        ledger = SqlLedger(engine, world.clock)
        return [run for run in (1, 2) if ledger.claim(run, name)]

    assert len(list(chain.from_iterable(race(world, work)))) == 1


def test_a_plan_and_an_apply_that_race_never_both_count(world):
    plan, apply = world.open(Operation.PLAN), world.open()

    def work(engine, name):
        ledger = SqlLedger(engine, world.clock)
        claimed = ledger.claim(plan if name in {"w0", "w1"} else apply, name)
        if claimed:
            ledger.settle(claimed.lease, world.planned if claimed.run.id == plan else Ended(Applied({})))
        return claimed

    race(world, work)
    ways = [(event.run, event.after) for event in reversed(world.views.events())]
    if world.state(plan) == "planned":
        # A plan that an apply overtook goes back, and the other worker may have made it again.
        until = ways[: ways.index((plan, "ended:planned"))]
        begun = max(place for place, way in enumerate(until) if way == (plan, "running:claimed"))
        assert (apply, "running:claimed") not in until[begun:]


def test_a_delivery_that_comes_many_times_at_once_is_one(world):
    answers = race(world, lambda engine, _: SqlLedger(engine, world.clock).record([(DELIVERY, plan_pull(7))]))
    assert len({call.id for (calls,) in answers for call in calls}) == 1
    assert world.sql("SELECT count(*) FROM calls") == [(1,)]


def test_a_decision_that_is_taken_twice_at_once_opens_one_run(world):
    workspace = world.workspace()
    decision = Decision(openings=(world.opening(workspace),), workspaces=(workspace,))
    calls = race(world, lambda engine, _: SqlLedger(engine, world.clock).commit(decision))
    assert sum(map(len, calls)) == 1
    assert len(world.ledger.register().open_runs) == 1


def test_a_command_that_is_delivered_twice_at_once_is_obeyed_once(world):
    lease = world.claim(world.open()).lease
    world.ledger.settle(lease, Ended(Failed("plan", Cause.MISTAKE, "no")))

    def obey(engine, name):
        answer = Answer(5, 7, name, refused=False)
        decision = Decision(wishes=((lease.run, Retry(name)),), answer=answer, calls=(plan_pull(7),))
        return SqlLedger(engine, world.clock).commit(decision)

    calls = race(world, obey)
    (winner,) = [place for place, sent in enumerate(calls) if sent]
    assert [call.actor for call in calls[winner]] == ["execute", "report", "plan_pull"]
    assert world.views.answer(5).by == f"w{winner}"
    assert [(run.id, run.attempt) for run in world.ledger.register().open_runs] == [(2, 2)]


def test_two_people_who_want_the_same_at_once_get_it_once(world):
    lease = world.claim(world.open()).lease
    world.ledger.settle(lease, Ended(Failed("plan", Cause.MISTAKE, "no")))

    def retry(engine, name):
        decision = Decision(
            wishes=((lease.run, Retry(name)),), answer=Answer(int(name[1]), 7, name, refused=False)
        )
        try:
            return SqlLedger(engine, world.clock).commit(decision)
        except IllegalTransition:
            return ()

    calls = race(world, retry)
    assert [run.attempt for run in world.ledger.register().open_runs] == [2]
    assert sum(map(bool, calls)) == 1
    answered = [world.views.answer(number) is not None for number in range(RACERS)]
    assert answered == list(map(bool, calls))


def test_sweeps_that_race_open_one_more_attempt(world):
    world.claim(world.open())
    world.clock.sleep(41)
    race(world, lambda engine, _: SqlLedger(engine, world.clock).sweep())
    assert [run.attempt for run in world.ledger.register().open_runs] == [2]


def test_a_worker_and_the_sweep_do_not_both_end_a_run(world):
    lease = world.claim(world.open()).lease
    world.clock.sleep(41)

    def act(engine, name):
        ledger = SqlLedger(engine, world.clock)
        if name != "w0":
            return ledger.sweep()
        try:
            return ledger.settle(lease, Ended(Applied({})))
        except FenceLost:
            return "lost"

    lost = race(world, act)[0] == "lost"
    ends = Counter(event.after for event in world.views.events(lease.run) if event.after.startswith("ended"))
    assert ends == {"ended:interrupted" if lost else "ended:applied": 1}


def test_a_turn_is_taken_once(world):
    assert sum(race(world, lambda engine, name: SqlTurns(engine, world.clock).take("x", name, 60))) == 1


def test_log_chunks_of_several_threads_are_numbered_without_a_gap(world):
    lease = world.claim(world.open()).lease

    def say(engine, name):
        for _ in range(5):
            SqlLedger(engine, world.clock).log(lease, name)

    race(world, say)
    assert [seq for seq, _ in world.views.log(lease.run)] == list(range(1, 21))


def test_schedules_that_tick_at_the_same_time_tick_once(world):
    told = []

    def keep_time(engine, name):
        for slot in range(10):
            now = world.clock.now + timedelta(seconds=5 * slot)
            turns = SqlTurns(engine, lambda now=now: now)
            schedule = Schedule(turns, name, lambda now=now: now)
            _tick(schedule, Tick("sweep", 5.0, partial(told.append, slot)), Complaints())

    race(world, keep_time, racers=2)
    assert sorted(told) == list(range(10))


@dataclass
class Schedule:
    """As much of the ports as a tick needs."""

    turns: SqlTurns
    me: str
    now: Callable[[], datetime]


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_eight_workers_carry_out_a_thousand_runs_each_once(world):
    """Each run's call comes to two workers at once, as brokers do."""
    workspaces = tuple(world.workspace(f"r{number}") for number in range(1000))
    world.ledger.commit(Decision(tuple(map(world.opening, workspaces)), workspaces))

    def work(engine, name):
        ledger, mine = SqlLedger(engine, world.clock), int(name[1])
        done = []
        for run in range(1, 1001):
            claimed = ledger.claim(run, name) if run % 4 == mine % 4 else None
            if claimed:
                done.append(claimed.lease)
        for lease in done[::10]:
            ledger.settle(lease, Ended(Applied({})))
        return done

    done = race(world, work, racers=8)
    assert sorted(lease.run for lease in chain.from_iterable(done)) == list(range(1, 1001))
    assert [run for run in world.ledger.register().open_runs if run.state.type == "waiting"] == []
    assert world.sql("SELECT max(fence), min(fence) FROM runs") == [(1, 1)]
    ways = dict(world.sql('SELECT "after", count(*) FROM events GROUP BY "after"'))
    assert ways == {
        "waiting": 1000,
        "running:claimed": 1000,
        "ended:applied": sum(len(mine[::10]) for mine in done),
    }

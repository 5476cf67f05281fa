"""The worker on a real embedded Valkey: messages reach actors at once, and a stop loses nothing."""

import json
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from types import SimpleNamespace

import dramatiq
import pytest
import redis
from dramatiq.errors import QueueJoinTimeout

from controller import jobs
from controller.core.call import (
    check_branch,
    check_queue,
    command,
    execute,
    plan_pull,
    reconcile,
    report,
    report_commit,
)
from controller.core.identity import RequestId
from controller.core.run import Operation
from controller.edge import patience
from controller.edge.queue import DramatiqQueue, make_broker
from controller.edge.valkey import embedded_valkey
from controller.errors import FenceLost, GitHubError, GitHubLimited, GitHubRefused, LedgerError, SpoolError
from controller.jobs import declare_actors, make_groups, make_queue
from controller.worker import rounds
from controller.worker.drain import Drain
from controller.worker.work import consuming

pytestmark = pytest.mark.edge

ORDERS = RequestId("dev", "box", "orders")


@pytest.fixture(scope="module")
def valkey(tmp_path_factory):
    with embedded_valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture
def url(valkey):
    with redis.Redis.from_url(valkey) as client:
        client.flushall()
    return valkey


class Told:
    """What the stories are told, with the times; `then` is called within a story."""

    def __init__(self):
        self.calls = defaultdict(list)
        self.then = {}

    def story(self, name):
        def tell(_ports, number=None):
            self.calls[name].append((number, time.monotonic()))
            self.then.get(name, lambda _number: None)(number)

        return tell

    def numbers(self, name):
        return [number for number, _ in self.calls[name]]


@pytest.fixture
def told(monkeypatch):
    told = Told()
    for name in (
        "plan_pull",
        "reconcile",
        "execute",
        "report",
        "report_commit",
        "obey",
        "check_queue",
        "check_branch",
    ):
        monkeypatch.setattr(jobs, name, told.story(name))
    return told


@pytest.fixture
def sender(url):
    """A queue as the listener has one: it knows no actor."""
    broker = make_broker(url)
    yield DramatiqQueue(lambda _queue: broker)
    broker.close()


@contextmanager
def working(url, *, environments=(), threads=1, drain=60.0, stop=None, ailments=("",)):
    """A worker of three groups for the length of a block."""
    groups = make_groups(url, threads)
    make_queue(groups)
    declare_actors(groups, SimpleNamespace(checkup=lambda: ailments[-1]))
    with consuming(
        groups, environments, Drain(drain, SimpleNamespace(stop=stop or (lambda: None)), lambda: None)
    ):
        yield groups
    for group in groups:
        group.broker.close()


def discover(groups, *environments):
    """Tell the worker that there are runs of these environments, as its ledger does."""
    waiting = [view(number, name) for number, name in enumerate(environments)]
    rounds.discover(SimpleNamespace(views=SimpleNamespace(runs=lambda _query: waiting)), groups)


def view(number, environment):
    return SimpleNamespace(run=SimpleNamespace(id=number, request=RequestId(environment, "box", "x")))


def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.005)


def test_each_call_reaches_its_story(url, told, sender):
    with working(url) as groups:
        discover(groups, "dev")
        for call in (
            plan_pull(1),
            reconcile(),
            report(3),
            report_commit(4),
            command(7),
            check_queue(),
            check_branch(),
        ):
            sender.send(call)
        sender.send(execute(5, Operation.PLAN, ORDERS))
        sender.send(execute(6, Operation.APPLY, ORDERS))
        until(lambda: sum(map(len, told.calls.values())) == 9)
    assert [told.numbers(name) for name in ("reconcile", "check_queue", "check_branch")] == [[None]] * 3
    assert told.numbers("obey") == [7]
    assert sorted(told.numbers("execute")) == [5, 6]
    assert (told.numbers("report"), told.numbers("report_commit")) == ([3], [4])


def test_messages_hold_ids_only(url, sender):
    for call in (plan_pull(1), reconcile(), execute(5, Operation.PLAN, ORDERS)):
        sender.send(call)
    with redis.Redis.from_url(url) as client:
        keys = list(client.keys("*.msgs"))
        found = [json.loads(raw) for key in keys for raw in client.hvals(key)]

    assert len(found) == 3
    assert all(isinstance(argument, int) for message in found for argument in message["args"])
    assert all(message["kwargs"] == {} for message in found)


def test_no_plan_waits_behind_an_apply(url, told, sender):
    leave = threading.Event()
    told.then["execute"] = lambda number: number == 1 and leave.wait(10)
    with working(url) as groups:
        discover(groups, "dev")
        sender.send(execute(1, Operation.APPLY, ORDERS))
        until(lambda: told.numbers("execute") == [1])
        sender.send(execute(2, Operation.PLAN, ORDERS))
        sender.send(report(3))
        until(lambda: 2 in told.numbers("execute") and told.numbers("report") == [3])
        leave.set()


def test_as_many_runs_of_one_environment_go_at_a_time_as_there_are_threads(url, told, sender):
    together = threading.Barrier(2, timeout=10)
    told.then["execute"] = lambda _number: together.wait()
    with working(url, threads=2) as groups:
        discover(groups, "dev")
        sender.send(execute(1, Operation.APPLY, ORDERS))
        sender.send(execute(2, Operation.APPLY, ORDERS))
        until(lambda: len(told.calls["execute"]) == 2)
    assert not together.broken


def test_a_worker_takes_no_more_messages_than_it_has_threads_for(url, told, sender):
    leave = threading.Event()
    told.then["execute"] = lambda _number: leave.wait(10)
    other = Told()
    with working(url) as groups:
        discover(groups, "dev")
        for number in (1, 2, 3):
            sender.send(execute(number, Operation.APPLY, ORDERS))
        until(lambda: len(told.calls["execute"]) == 1)
        time.sleep(0.2)
        with redis.Redis.from_url(url) as client:
            waiting = client.llen("dramatiq:apply.dev")
        leave.set()
        until(lambda: len(told.calls["execute"]) == 3)
    assert waiting == 2
    assert other.calls == {}


def test_a_new_environment_s_queue_is_discovered_without_a_restart(url, told, sender):
    with working(url) as groups:
        sender.send(execute(1, Operation.PLAN, RequestId("brand-new", "box", "x")))
        time.sleep(0.2)
        assert told.numbers("execute") == []
        discover(groups, "brand-new")
        until(lambda: told.numbers("execute") == [1])


def test_a_worker_of_some_environments_takes_no_other_s(url, told, sender):
    with working(url, environments=("dev",)) as groups:
        discover(groups, "dev", "prod")
        sender.send(execute(1, Operation.APPLY, RequestId("prod", "box", "x")))
        sender.send(execute(2, Operation.APPLY, ORDERS))
        until(lambda: told.numbers("execute") == [2])
        time.sleep(0.2)
    assert told.numbers("execute") == [2]
    with redis.Redis.from_url(url) as client:
        assert client.llen("dramatiq:apply.prod") == 1


def test_a_story_that_fails_is_told_again(url, told, sender):
    def fails_once(_number):
        if len(told.calls["report"]) == 1:
            raise GitHubError("GitHub does not answer")

    told.then["report"] = fails_once
    with working(url):
        sender.send(report(3))
        until(lambda: told.numbers("report") == [3, 3])


def test_a_story_that_github_limits_is_told_once_more_when_github_listens_again(
    url, told, sender, monkeypatch
):
    monkeypatch.setattr(patience, "SPREAD", 0.2)
    ends = time.monotonic() + 1.0

    def is_limited(_number):
        left = ends - time.monotonic()
        if left > 0:
            raise GitHubLimited("the limit is used up", left)

    told.then["report"] = is_limited
    with working(url):
        for number in (3, 3, 4, 3):
            sender.send(report(number))
        until(lambda: len(told.calls["report"]) == 6)
        until(lambda: left_in(url, "report") == 0)
    assert sorted(told.numbers("report")[4:]) == [3, 4]
    assert min(at for _, at in told.calls["report"][4:]) >= ends


def test_a_limit_of_an_hour_keeps_the_message_and_a_restart_does_not_lose_it(url, told, sender):
    def is_limited(_number):
        raise GitHubLimited("the limit is used up", 3600.0)

    told.then["report"] = is_limited
    with working(url):
        sender.send(report(3))
        until(lambda: left_in(url, "report.DQ") == 1)
    with redis.Redis.from_url(url) as client:
        (message,) = map(json.loads, client.hvals("dramatiq:report.DQ.msgs"))
    assert message["args"] == [3]
    assert 3590 < message["options"]["eta"] / 1000 - time.time() <= 3600 + patience.SPREAD


def test_what_github_refuses_ends_quietly(url, told, sender):
    def is_locked(_number):
        raise GitHubRefused("Unable to create comment because issue is locked.")

    told.then["report"] = is_locked
    with working(url):
        sender.send(report(3))
        until(lambda: told.numbers("report") == [3])
        until(lambda: left_in(url, "report") == 0)
    assert told.numbers("report") == [3]
    assert left_in(url, "report.DQ") == left_in(url, "report.XQ") == 0


def left_in(url, queue):
    with redis.Redis.from_url(url) as client:
        return client.hlen(f"dramatiq:{queue}.msgs")


@pytest.mark.parametrize("error", [FenceLost("lost"), SpoolError("full"), ValueError("a bug")])
def test_a_run_that_was_given_out_is_never_repeated_by_the_broker(url, told, sender, error):
    def fail(_number):
        raise error

    told.then["execute"] = fail
    with working(url) as groups:
        discover(groups, "dev")
        sender.send(execute(1, Operation.APPLY, ORDERS))
        until(lambda: told.numbers("execute") == [1])
        apply = groups[2].broker
        try:
            apply.join("apply.dev", timeout=1000)
        except QueueJoinTimeout:
            pytest.fail("the message is still about")
        with redis.Redis.from_url(url) as client:
            assert client.zcard("dramatiq:apply.dev.DQ") == 0
    assert told.numbers("execute") == [1]


def test_a_run_is_offered_again_until_the_ledger_is_back(url, told, sender):
    """Its claim says so: nobody has it, and it waits where the ledger says."""

    def is_away(_number):
        if len(told.calls["execute"]) < 2:
            raise LedgerError("the database is away")

    told.then["execute"] = is_away
    with working(url) as groups:
        discover(groups, "dev")
        sender.send(execute(1, Operation.APPLY, ORDERS))
        until(lambda: told.numbers("execute") == [1, 1])
        until(lambda: left_in(url, "apply.dev") == left_in(url, "apply.dev.DQ") == 0)


def test_what_a_machine_cannot_carry_out_now_is_offered_again_and_not_eaten(url, told, sender, monkeypatch):
    monkeypatch.setattr(jobs, "AILING", 100)
    ailments = ["the disk is full"]
    with working(url, ailments=ailments) as groups:
        discover(groups, "dev")
        sender.send(execute(1, Operation.APPLY, ORDERS))
        sender.send(report(3))
        until(lambda: told.numbers("report") == [3])
        until(lambda: left_in(url, "apply.dev.DQ") == 1)
        assert told.numbers("execute") == []
        ailments.append("")
        until(lambda: told.numbers("execute") == [1])


def test_a_closed_gate_leaves_messages_in_the_broker_until_it_opens(url, told, sender):
    with working(url) as groups:
        discover(groups, "dev")
        for group in groups:
            group.broker.gate.set(is_open=False)
        time.sleep(0.2)  # longer than a look at a closed gate takes
        sender.send(execute(1, Operation.APPLY, ORDERS))
        sender.send(report(3))
        time.sleep(0.3)
        with redis.Redis.from_url(url) as client:
            assert (client.llen("dramatiq:apply.dev"), client.llen("dramatiq:report")) == (1, 1)
        for group in groups:
            group.broker.gate.set(is_open=True)
        until(lambda: told.numbers("execute") == [1] and told.numbers("report") == [3])


def test_draining_lets_the_current_run_finish_and_takes_no_other(url, told, sender):
    leave, ended = threading.Event(), []

    def long(number):
        leave.wait(10)
        ended.append(number)

    told.then["execute"] = long
    stopping = threading.Event()

    def release():
        stopping.wait(10)
        time.sleep(0.3)  # by now every thread was told to take nothing more
        for kind in (Operation.PLAN, Operation.APPLY):
            sender.send(execute(9, kind, ORDERS))
        time.sleep(0.3)
        assert 9 not in told.numbers("execute")
        leave.set()

    helper = threading.Thread(target=release)
    helper.start()
    with working(url) as groups:
        discover(groups, "dev")
        sender.send(execute(1, Operation.APPLY, ORDERS))
        sender.send(execute(2, Operation.APPLY, ORDERS))
        until(lambda: told.numbers("execute") == [1])
        stopping.set()
    helper.join()

    assert ended == [1]
    with redis.Redis.from_url(url) as client:
        assert client.llen("dramatiq:apply.dev") == 2  # 2 and 9 are there for another worker
        assert client.llen("dramatiq:plan.dev") == 1


def test_what_the_last_run_came_to_is_still_told_while_draining(url, told, sender):
    told.then["execute"] = lambda _number: (time.sleep(0.3), sender.send(report(3)), time.sleep(0.3))
    with working(url) as groups:
        discover(groups, "dev")
        sender.send(execute(1, Operation.APPLY, ORDERS))
        until(lambda: told.numbers("execute") == [1])
    assert told.numbers("report") == [3]


def test_at_the_drain_s_end_every_heartbeat_is_stopped(url, told, sender):
    stopped = threading.Event()
    told.then["execute"] = lambda _number: stopped.wait(10)
    with working(url, drain=0.3, stop=stopped.set) as groups:
        discover(groups, "dev")
        sender.send(execute(1, Operation.APPLY, ORDERS))
        until(lambda: told.numbers("execute") == [1])
    assert stopped.is_set()


def test_a_drain_may_last_longer_than_dramatiq_would_wait(monkeypatch, url, told):
    waited = []
    monkeypatch.setattr(dramatiq.Worker, "stop", lambda _self, timeout: waited.append(timeout))
    monkeypatch.setattr(dramatiq.Worker, "start", lambda _self: None)
    with working(url, drain=3600.0):
        pass

    assert len(waited) == 3
    assert min(waited) >= (3600 + 600) * 1000

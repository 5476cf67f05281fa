"""The broker, with a real Valkey: messages by the actor's name, ids only."""

import json
import time

import dramatiq
import pytest
import redis

from controller.core.call import Actor, execute, plan_pull, reconcile, report
from controller.core.identity import RequestId
from controller.core.run import Operation
from controller.edge.queue import DramatiqQueue, make_broker
from controller.edge.valkey import embedded_valkey
from controller.errors import QueueError

pytestmark = pytest.mark.edge

CALLS = [
    (plan_pull(7), "pull", [7]),
    (reconcile(), "reconcile", []),
    (execute(3, Operation.PLAN, RequestId("dev", "box", "orders")), "plan.dev", [3]),
    (execute(4, Operation.DESTROY, RequestId("prod", "box", "orders")), "apply.prod", [4]),
    (report(9), "report", [9]),
]


@pytest.fixture(scope="module")
def valkey(tmp_path_factory):
    with embedded_valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture
def url(valkey):
    with redis.Redis.from_url(valkey) as client:
        client.flushall()
    return valkey


@pytest.fixture
def broker(url):
    broker = make_broker(url)
    yield broker
    broker.close()


@pytest.fixture
def queue(broker):
    return DramatiqQueue(lambda _queue: broker)


@pytest.mark.parametrize(("call", "name", "args"), CALLS)
def test_a_message_holds_the_actor_s_name_and_an_id_and_nothing_else(url, queue, call, name, args):
    queue.send(call)
    with redis.Redis.from_url(url) as client:
        (message,) = [json.loads(raw) for raw in client.hvals(f"dramatiq:{name}.msgs")]

    assert (message["actor_name"], message["args"], message["kwargs"]) == (call.actor.value, args, {})
    assert set(message["options"]) <= {"redis_message_id"}


def test_whoever_sends_needs_no_code_of_whoever_works(url, queue):
    heard = []
    worker_s = make_broker(url)
    dramatiq.actor(heard.append, actor_name="plan_pull", queue_name="pull", broker=worker_s)
    worker = dramatiq.Worker(worker_s, worker_timeout=50, worker_threads=1)
    worker.start()
    try:
        queue.send(plan_pull(7))
        until(lambda: heard == [7])
    finally:
        worker.stop()
        worker_s.close()


def test_nothing_is_cut_short_by_a_time_limit(broker):
    names = {type(middleware).__name__ for middleware in broker.middleware}

    assert "TimeLimit" not in names
    assert {"Retries", "ShutdownNotifications"} <= names
    assert broker.maintenance_chance == 1_000_000


def test_a_dead_worker_s_message_comes_back(url, queue, monkeypatch):
    monkeypatch.setattr("controller.edge.queue.HEARTBEAT_TIMEOUT", 300)
    queue.send(reconcile())
    dead = make_broker(url)
    consumer = dead.consume("reconcile", prefetch=1, timeout=50)
    assert (
        next(message for message in consumer if message).actor_name == "reconcile"
    )  # and is never heard again
    time.sleep(0.5)
    living = make_broker(url)
    consumer = living.consume("reconcile", prefetch=1, timeout=50)
    end = time.monotonic() + 10
    found = next(message for message in consumer if message or time.monotonic() > end)

    assert found.actor_name == "reconcile"
    dead.close()
    living.close()


@pytest.mark.parametrize("address", ["unix:///nowhere/valkey.sock", "redis://127.0.0.1:1/0"])
def test_a_broker_that_is_away_takes_nothing_and_says_so(address):
    broker = make_broker(address)
    queue = DramatiqQueue(lambda _queue: broker)
    with pytest.raises(QueueError, match="reconcile"):
        queue.send(reconcile())
    with pytest.raises(QueueError, match="does not answer"):
        queue.ping()
    broker.close()


def test_a_broker_that_answers_is_pinged(queue):
    queue.ping()


def test_each_queue_is_sent_to_by_the_broker_object_that_consumes_it(url):
    asked = []
    broker = make_broker(url)
    DramatiqQueue(lambda name: asked.append(name) or broker).send(report(1))
    broker.close()

    assert asked == ["report"]


def test_every_actor_has_a_name_that_messages_carry():
    assert {actor.value for actor in Actor} == {
        "plan_pull",
        "reconcile",
        "execute",
        "report",
        "report_commit",
        "command",
        "check_queue",
        "check_branch",
    }


def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)

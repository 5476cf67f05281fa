"""Consumers on a real Valkey: woken at once, at rest otherwise, and still there when the broker comes back."""

import contextlib
import os
import signal
import threading
import time

import dramatiq
import pytest
import redis
from dramatiq.errors import BrokerConnectionError, Retry

from controller.core.call import plan_pull, report
from controller.edge import bell
from controller.edge.guarded import SERVICE, Start, guarded
from controller.edge.queue import DramatiqQueue, make_broker
from controller.edge.valkey import _argv, embedded_valkey

pytestmark = pytest.mark.edge

NEVER = 60.0
"""Seconds that nobody here waits for: whoever is not called does not come."""


@pytest.fixture(scope="module")
def valkey(tmp_path_factory):
    with embedded_valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture
def url(valkey):
    with redis.Redis.from_url(valkey) as client:
        client.flushall()
    return valkey


@contextlib.contextmanager
def working(url, heard, *, poll=NEVER, prefetch=1):
    """A worker of one thread for `plan_pull` whose consumers do not look by themselves."""
    broker = make_broker(url, poll=poll)
    dramatiq.actor(heard, actor_name="plan_pull", queue_name="pull", broker=broker)
    worker = dramatiq.Worker(broker, worker_timeout=50, worker_threads=1)
    worker.queue_prefetch = prefetch
    worker.start()
    try:
        yield broker
    finally:
        broker.gate.leave()
        worker.stop(10_000)
        broker.close()


@contextlib.contextmanager
def sending(url):
    broker = make_broker(url)
    yield DramatiqQueue(lambda _queue: broker)
    broker.close()


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.005)


def listeners(url):
    with redis.Redis.from_url(url) as client:
        return client.pubsub_numsub("dramatiq:bell")[0][1]


def test_a_sleeper_is_woken_by_whoever_sends(url):
    heard = []
    with working(url, heard.append), sending(url) as queue:
        until(lambda: listeners(url) == 1)
        for number in range(3):
            time.sleep(0.1)  # it sleeps again
            queue.send(plan_pull(number))
            until(lambda number=number: heard[-1:] == [number])


def test_the_end_of_one_message_makes_room_for_the_next_without_another_call(url):
    heard = []
    with working(url, heard.append), sending(url) as queue:
        for number in range(5):
            queue.send(plan_pull(number))
        until(lambda: heard == [0, 1, 2, 3, 4])


def test_what_comes_back_without_a_word_is_found_by_looking(url):
    """As messages of a dead worker do: nobody says so."""
    heard = []
    silent = make_broker(url)
    silent.bell.ring = lambda _queue: None
    with working(url, heard.append, poll=0.05):
        DramatiqQueue(lambda _queue: silent).send(plan_pull(7))
        until(lambda: heard == [7])
    silent.close()


def test_messages_that_were_sent_while_nobody_listened_are_found_at_once(url):
    heard = []
    with sending(url) as queue:
        queue.send(plan_pull(7))
    with working(url, heard.append):
        until(lambda: heard == [7])


def test_an_idle_worker_leaves_the_broker_alone(url):
    with working(url, print), redis.Redis.from_url(url) as client:
        until(lambda: listeners(url) == 1)
        time.sleep(0.3)  # whatever its start brought is done
        before = client.info("stats")["total_commands_processed"]
        time.sleep(1.0)
        assert client.info("stats")["total_commands_processed"] - before <= 3


@contextlib.contextmanager
def both_queues(url, heard, *, threads=1):
    """A worker for `pull` and `report`, whose consumers do not look by themselves; its broker object."""
    broker = make_broker(url, poll=NEVER)
    dramatiq.actor(heard, actor_name="plan_pull", queue_name="pull", broker=broker)
    dramatiq.actor(heard, actor_name="report", queue_name="report", broker=broker)
    worker = dramatiq.Worker(broker, worker_timeout=50, worker_threads=threads)
    worker.queue_prefetch = threads
    worker.start()
    try:
        yield broker
    finally:
        broker.gate.leave()
        worker.stop(10_000)
        broker.close()


class Work:
    """What a worker hears, whose messages with an odd number take until they may end."""

    def __init__(self):
        self.heard, self.may_end = [], threading.Event()

    def __call__(self, number):
        self.heard.append(number)
        if number % 2:
            self.may_end.wait(20)


def waiting(url, queue):
    with redis.Redis.from_url(url) as client:
        return client.llen(f"dramatiq:{queue}")


def test_what_a_busy_worker_cannot_begin_goes_to_an_idle_one_from_whatever_queue(url):
    busy, idle = Work(), Work()
    with sending(url) as queue, both_queues(url, busy):
        queue.send(plan_pull(1))
        until(lambda: busy.heard == [1])
        queue.send(report(2), plan_pull(4))
        time.sleep(0.3)  # it was told, and has looked
        assert (waiting(url, "report"), waiting(url, "pull")) == (1, 1)
        begun = time.monotonic()
        with both_queues(url, idle):
            until(lambda: sorted(idle.heard) == [2, 4])
            assert time.monotonic() - begun < 1
            queue.send(report(6))
            until(lambda: idle.heard[-1] == 6)
        busy.may_end.set()
    assert busy.heard == [1]


def test_a_thread_that_is_free_again_takes_from_every_queue_without_another_call(url):
    work = Work()
    with sending(url) as queue, both_queues(url, work):
        queue.send(plan_pull(1))
        until(lambda: work.heard == [1])
        queue.send(*(report(number) for number in (2, 4, 6)), *(plan_pull(number) for number in (8, 10)))
        work.may_end.set()
        until(lambda: sorted(work.heard) == [1, 2, 4, 6, 8, 10])


def test_as_many_messages_are_begun_as_there_are_threads_over_all_queues(url):
    work = Work()
    with sending(url) as queue, both_queues(url, work, threads=3):
        queue.send(*(plan_pull(number) for number in (1, 3)), *(report(number) for number in (5, 7)))
        until(lambda: len(work.heard) == 3)
        time.sleep(0.2)
        assert len(work.heard) == 3
        assert waiting(url, "pull") + waiting(url, "report") == 1
        work.may_end.set()
        until(lambda: sorted(work.heard) == [1, 3, 5, 7])


def test_what_fails_is_put_off_or_given_up_leaves_room_for_the_next(url):
    heard = []

    def fail(number):
        heard.append(number)
        if number == 1 and heard.count(1) == 1:
            raise Retry("later", delay=50)
        if number == 3:
            raise LookupError

    with sending(url) as queue, both_queues(url, fail) as broker:
        broker.poll = 0.05  # as what is put off needs
        queue.send(plan_pull(1))
        until(lambda: heard == [1, 1])
        broker.enqueue(dramatiq.Message("pull", "plan_pull", (3,), {}, {"max_retries": 0}))
        broker.enqueue(dramatiq.Message("pull", "nobody_knows", (5,), {}, {}))
        until(lambda: heard == [1, 1, 3])
        queue.send(report(2))
        until(lambda: heard == [1, 1, 3, 2])


def test_what_was_taken_and_not_begun_goes_back_and_is_in_hands_no_more(url):
    broker = make_broker(url)
    with sending(url) as queue:
        queue.send(plan_pull(1), report(2))
    pull, report_s = broker.consume("pull"), broker.consume("report")
    broker.poll = 0.01
    taken = next(pull)
    assert next(report_s) is None
    pull.requeue(message for message in (taken,))
    assert waiting(url, "pull") == 1
    assert next(report_s).actor_name == "report"
    broker.close()


def test_what_a_consumer_had_that_began_anew_still_counts_until_it_has_ended(url):
    """It is still on a thread; Dramatiq tells its end to the new consumer."""
    broker = make_broker(url)
    broker.poll = 0.01
    with sending(url) as queue:
        queue.send(plan_pull(1), plan_pull(2))
    former = broker.consume("pull")
    taken = next(former)
    former.close()
    new = broker.consume("pull")
    assert next(new) is None
    for _ in range(2):
        new.ack(taken)
    assert next(new).args == (2,)
    assert next(new) is None
    broker.close()


def test_who_asked_a_broker_that_is_away_has_taken_nothing(tmp_path):
    broker = make_broker(f"unix://{tmp_path / 'nobody.sock'}")
    for consumer in [broker.consume("pull"), broker.consume("report")] * 2:
        with pytest.raises(BrokerConnectionError):
            next(consumer)
    broker.close()


def test_nobody_listens_any_more_after_the_end(url):
    with working(url, print):
        until(lambda: listeners(url) == 1)
    until(lambda: listeners(url) == 0)
    assert "bell" not in {thread.name for thread in threading.enumerate()}


@contextlib.contextmanager
def server(folder):
    """A Valkey that may be killed and started again on the same socket."""
    sock = folder / "v.sock"
    with guarded(_argv(folder, sock), Start(folder), SERVICE) as process:
        until(lambda: answers(f"unix://{sock}"))
        yield process


def answers(url):
    with contextlib.suppress(redis.RedisError), redis.Redis.from_url(url) as client:
        return client.ping()
    return False


def test_a_broker_that_goes_away_and_comes_back_is_served_again(tmp_path, monkeypatch):
    """What is under way goes on meanwhile, and is not begun again; what waits is kept in the broker's file."""
    monkeypatch.setattr(bell, "PAUSE", 0.05)
    monkeypatch.setattr("dramatiq.worker.CONSUMER_RESTART_DELAY_SECS", 0.1)
    monkeypatch.setattr("dramatiq.worker.POST_PROCESS_MESSAGE_RETRY_DELAY_SECS", 0.1)
    url, heard, leave = f"unix://{tmp_path / 'v.sock'}", [], threading.Event()

    def long(number):
        heard.append(number)
        leave.wait(20)

    with contextlib.ExitStack() as worker:
        with server(tmp_path) as broker, sending(url) as queue:
            worker.enter_context(working(url, long, poll=1.0))
            queue.send(plan_pull(1))
            queue.send(plan_pull(2))
            until(lambda: heard == [1])
            time.sleep(1.1)  # the broker writes its file each second
            broker.wait(0)  # it has said its pid by now
            os.kill(broker.pid, signal.SIGKILL)
            until(lambda: not answers(url))
        leave.set()
        with server(tmp_path), sending(url) as queue:
            until(lambda: heard == [1, 2])
            until(lambda: listeners(url) == 1)
            queue.send(plan_pull(3))
            until(lambda: heard == [1, 2, 3])
            worker.close()


def test_who_leaves_does_not_wait_for_a_broker_that_is_away(tmp_path, monkeypatch):
    monkeypatch.setattr("dramatiq.worker.CONSUMER_RESTART_DELAY_SECS", 0.1)
    url, begun, leave = f"unix://{tmp_path / 'v.sock'}", threading.Event(), threading.Event()

    def long(_number):
        begun.set()
        leave.wait(20)

    with contextlib.ExitStack() as keep:
        with server(tmp_path):
            keep.enter_context(working(url, long))
            with sending(url) as queue:
                queue.send(plan_pull(1))
            assert begun.wait(20)
        threading.Timer(0.2, leave.set).start()
        keep.close()


def test_every_error_of_the_broker_s_is_one_that_dramatiq_outlives(tmp_path):
    broker = make_broker(f"unix://{tmp_path / 'nobody.sock'}")
    consumer = broker.consume("pull")
    message = dramatiq.MessageProxy(
        dramatiq.Message("pull", "plan_pull", (1,), {}, {"redis_message_id": "x"})
    )
    for ask in (
        lambda: next(consumer),
        lambda: consumer.ack(message),
        lambda: consumer.nack(message),
        lambda: consumer.requeue([message]),
        lambda: broker.enqueue(message._message),
    ):
        with pytest.raises(BrokerConnectionError):
            ask()
    broker.close()

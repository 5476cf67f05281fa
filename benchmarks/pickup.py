"""How soon a job on an idle queue is begun: by our worker, by Dramatiq's defaults, and by RQ on the same broker.

    python benchmarks/pickup.py [--rounds ROUNDS] [--write]

Each consumer is a process of its own on one embedded Valkey, and none has anything else to do. A turn is the time from
before the message is sent to the first line of what it calls. Exits 1 where our median is 20 ms or more.
"""

import contextlib
import importlib.util
import multiprocessing
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker

from benchmarks.figures import Limit, Report, options, publish, spread, take_turns
from controller.core.call import execute
from controller.core.identity import RequestId
from controller.core.run import Operation
from controller.edge.valkey import embedded_valkey
from controller.jobs import declare_actors, make_groups, make_queue

LIMIT_MS = 20.0
PAUSE = 0.3
"""Seconds until the queue counts as idle again; each round a little more, so that no phase of a poll is favoured."""

PATIENCE = 60
OURS, DEFAULTS, RQ = "infrautomater", "Dramatiq's defaults", "RQ"
CALL = execute(1, Operation.APPLY, RequestId("dev", "sandbox", "bench"))
FIRST_LINE = "benchmarks.pickup.first_line"


def main() -> int:
    asked = options(__doc__, {"rounds": 30})
    with tempfile.TemporaryDirectory() as folder, embedded_valkey(Path(folder)) as url, consumers(url):
        senders = {name: sender for name, sender in all_senders(url).items() if is_here(name)}
        turns = {name: turn(url, name, send) for name, send in senders.items()}
        for begin in turns.values():
            begin(0)  # the first message waits for the consumer's start
        times = take_turns(asked.rounds, turns)
    return publish(report(times, asked.rounds), write=asked.write)


def report(times: dict[str, list[float]], rounds: int) -> Report:
    spreads = {name: spread(values) for name, values in times.items()}
    ours = spreads[OURS][0]
    rows = [("enqueued → first line", "median", "least", "most", "median against ours")]
    rows += [
        (name, *(f"{value:.1f} ms" for value in values), f"{values[0] / ours:.2f}")
        for name, values in spreads.items()
    ]
    remark = "" if is_here(RQ) else "RQ is not installed here (`pip install rq`)."
    words = f"median of {rounds}: {ours:.1f} ms, under {LIMIT_MS:.0f} ms"
    return Report("pickup", rows, [Limit(words, ours < LIMIT_MS)], remark)


def turn(url: str, name: str, send: Callable[[], object]) -> Callable[[int], float]:
    """One message to a consumer that has been idle, and the milliseconds until it says that it has begun."""
    client = redis.Redis.from_url(url, socket_timeout=2 * PATIENCE)

    def milliseconds(number: int) -> float:
        time.sleep(PAUSE + number % 10 / 50)
        sent = time.monotonic()
        send()
        heard: Any = client.blpop([name], timeout=PATIENCE)
        if heard is None:
            raise SystemExit(f"{name}: nobody took the message")
        return (float(heard[1]) - sent) * 1000

    return milliseconds


def all_senders(url: str) -> dict[str, Callable[[], object]]:
    ours = make_queue(make_groups(url, 1))
    defaults = RedisBroker(url=url, namespace="defaults")
    return {
        OURS: lambda: ours.send(CALL),
        DEFAULTS: lambda: defaults.enqueue(plain_message()),
        RQ: lambda: rq_queue(url).enqueue(FIRST_LINE, url, RQ),
    }


def plain_message() -> "dramatiq.Message[None]":
    return dramatiq.Message("default", "first_line", (), {}, {})


def rq_queue(url: str) -> Any:
    import rq  # noqa: PLC0415 -- a baseline that may be missing

    return rq.Queue("pickup", connection=redis.Redis.from_url(url))


def is_here(name: str) -> bool:
    return name != RQ or importlib.util.find_spec("rq") is not None


# --- the consumers' side


def first_line(url: str, name: str) -> None:
    """Say when this was begun; one clock counts for all processes of a machine."""
    begun = time.monotonic()
    redis.Redis.from_url(url).rpush(name, begun)


@contextlib.contextmanager
def consumers(url: str) -> Iterator[None]:
    """Each consumer as a process of its own, for the length of a block."""
    spawn = multiprocessing.get_context("spawn")
    targets = {OURS: consume_ours, DEFAULTS: consume_with_defaults, RQ: consume_with_rq}
    processes = [
        spawn.Process(target=target, args=(url,), daemon=True)
        for name, target in targets.items()
        if is_here(name)
    ]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.join()


def consume_ours(url: str) -> None:
    """The product's worker; its ledger is one that only says when it is asked for the run, and knows of none."""
    groups = make_groups(url, 2)
    views = SimpleNamespace(run=lambda _run: first_line(url, OURS))
    declare_actors(groups, SimpleNamespace(views=views, checkup=lambda: ""))  # type: ignore[arg-type]  # all that it asks
    for group in groups:
        if group.name == CALL.queue.partition(".")[0]:
            group.broker.declare_queue(CALL.queue)
        group.worker(()).start()
    threading.Event().wait()


def consume_with_defaults(url: str) -> None:
    """As `dramatiq module` does it: the broker's defaults, eight threads."""
    broker = RedisBroker(url=url, namespace="defaults")
    dramatiq.actor(actor_name="first_line", broker=broker)(lambda: first_line(url, DEFAULTS))
    dramatiq.Worker(broker).start()
    threading.Event().wait()


def consume_with_rq(url: str) -> None:
    """RQ without its fork for each job, which comes on top where it is used as it comes."""
    import rq  # noqa: PLC0415 -- likewise

    rq.SimpleWorker([rq_queue(url)], connection=redis.Redis.from_url(url)).work(logging_level="WARNING")


if __name__ == "__main__":
    sys.exit(main())

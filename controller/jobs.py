"""The worker: Dramatiq actors, each ids in, one story; in three groups of threads, so that no plan waits behind an apply."""

import math
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dramatiq
import structlog
from dramatiq.brokers.redis import RedisBroker

from controller.bootstrap import Assembly, assemble
from controller.core.call import Actor
from controller.edge.patience import LONGEST_PAUSE, Patience, is_worth_another
from controller.edge.queue import DramatiqQueue, make_broker
from controller.errors import FenceLost, LedgerError, TerraformAbsent
from controller.pipeline.check_queue import check_queue
from controller.pipeline.command import obey
from controller.pipeline.execute import execute
from controller.pipeline.plan_pull import plan_pull
from controller.pipeline.reconcile import reconcile
from controller.pipeline.report import report, report_commit
from controller.ports import Ports, RunQuery, WorkerCard
from controller.settings import Settings, need

log = structlog.get_logger(__name__)

POLL = 100
"""Milliseconds between two looks at an idle queue: each costs the broker and a processor a little, all the time."""

GREET_EVERY = 5.0
ASK_EVERY = 300.0
"""Seconds until Terraform is asked again what it is: each answer is a process of its own."""

LAST_WORDS = 660.0
"""Seconds that a run may take to end after it was interrupted: as long as the guard lets Terraform save its state."""

PAGE = 500
"""So many waiting runs are looked at for environments that are new here, at a time."""

STORIES = 2
"""Threads for stories that only look, decide and report."""


@dataclass(frozen=True)
class Group:
    """Threads with queues of their own: a broker object and, once it is started, its worker."""

    name: str
    broker: RedisBroker
    threads: int

    def worker(self, environments: tuple[str, ...]) -> dramatiq.Worker:
        """A worker for the group's queues; of plan and apply only those of the environments, if any are named."""
        queues = (
            {f"{self.name}.{environment}" for environment in environments} if self.name != "stories" else None
        )
        worker = dramatiq.Worker(
            self.broker, queues=queues or None, worker_timeout=POLL, worker_threads=self.threads
        )
        # No more messages of a queue than there are threads: another worker could take them meanwhile.
        worker.queue_prefetch = self.threads
        return worker


def make_groups(url: str, threads: int) -> tuple[Group, ...]:
    """The three groups of a worker on one broker."""
    sizes = {"stories": STORIES, "plan": threads, "apply": threads}
    return tuple(Group(name, make_broker(url), size) for name, size in sizes.items())


def make_queue(groups: tuple[Group, ...]) -> DramatiqQueue:
    """A queue that sends through the group that will consume."""
    brokers = {group.name: group.broker for group in groups}
    return DramatiqQueue(lambda queue: brokers.get(queue.split(".")[0], brokers["stories"]))


def declare_actors(groups: tuple[Group, ...], ports: Ports) -> None:
    """Give each group its actors; only stories that change nothing are repeated when they fail."""
    stories: dict[Actor, tuple[str, Callable[..., None]]] = {
        Actor.PLAN_PULL: ("pull", lambda number: plan_pull(ports, number)),
        Actor.RECONCILE: ("reconcile", lambda: reconcile(ports)),
        Actor.REPORT: ("report", lambda number: report(ports, number)),
        Actor.REPORT_COMMIT: ("report", lambda run: report_commit(ports, run)),
        Actor.COMMAND: ("report", lambda comment: obey(ports, comment)),
        Actor.CHECK_QUEUE: ("pull", lambda: check_queue(ports)),
    }
    patience = Patience()
    again = {"retry_when": is_worth_another, "max_backoff": LONGEST_PAUSE}
    for group in groups:
        if group.name == "stories":
            for actor, (queue, story) in stories.items():
                _declare(group, actor, queue, patience(actor.value, story), again)
        else:
            _declare(group, Actor.EXECUTE, group.name, lambda run: execute(ports, run), {"max_retries": 0})


def _declare(
    group: Group, actor: Actor, queue: str, story: Callable[..., None], options: Mapping[str, Any]
) -> None:
    declare = dramatiq.actor(
        actor_name=actor.value, queue_name=queue, broker=group.broker, throws=FenceLost, **options
    )
    declare(story)


def work(settings: Settings, environments: tuple[str, ...], stop: threading.Event) -> None:
    """Work until `stop` is set, then take no new runs and let the current ones finish, up to the drain's end.

    Args:
        settings: the configuration.
        environments: only plans and applies of these; of all where it is empty.
        stop: set once to drain; whoever wants an end at once calls `Assembly.pulses.stop`.
    """
    need(settings, "redis_url", "repository", "github_token")
    groups = make_groups(settings.redis_url, settings.threads)
    name = f"{socket.gethostname()}:{os.getpid()}"
    with assemble(settings, make_queue(groups), name) as assembly:
        declare_actors(groups, assembly.ports)
        with _second_signal(assembly, stop), _running(groups, environments, settings.drain, assembly):
            before: int | None = None
            engine = Engine(assembly.ports)
            while not stop.is_set():
                _greet(
                    assembly.ports,
                    WorkerCard(name, socket.gethostname(), os.getpid(), environments, *engine()),
                )
                before = _discover(assembly.ports, groups, before)
                stop.wait(GREET_EVERY)


@contextmanager
def _running(
    groups: tuple[Group, ...], environments: tuple[str, ...], drain: float, assembly: Assembly
) -> Iterator[None]:
    workers = {group.name: group.worker(environments) for group in groups}
    for worker in workers.values():
        worker.start()
    log.info("worker started", groups={group.name: group.threads for group in groups})
    try:
        yield
    finally:
        hurry = threading.Timer(drain, assembly.pulses.stop)
        hurry.start()
        stories = workers.pop("stories")
        _stop(list(workers.values()), drain)
        _stop([stories], drain)  # the last, so that what the runs came to is still told
        hurry.cancel()
        log.info("worker stopped")


def _stop(workers: list[dramatiq.Worker], drain: float) -> None:
    """Stop workers at the same time: none takes a new message while another finishes its last one."""
    milliseconds = int((drain + LAST_WORDS) * 1000)
    threads = [threading.Thread(target=worker.stop, args=(milliseconds,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextmanager
def _second_signal(assembly: Assembly, stop: threading.Event) -> Iterator[None]:
    """The first SIGTERM or SIGINT drains; the second interrupts Terraform through its guard."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def heard(_number: int, _frame: object) -> None:
        if stop.is_set():
            assembly.pulses.stop()
        stop.set()

    before = {number: signal.signal(number, heard) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Engine:
    """Terraform's version, or what ails it; asked at the first call, and then every few minutes."""

    def __init__(self, ports: Ports, clock: Callable[[], float] = time.monotonic) -> None:
        self._ports, self._clock = ports, clock
        self._until = -math.inf
        self._said = ("", "")

    def __call__(self) -> tuple[str, str]:
        """The version and the ailment; one of them is empty."""
        if self._clock() >= self._until:
            self._said, self._until = self._ask(), self._clock() + ASK_EVERY
        return self._said

    def _ask(self) -> tuple[str, str]:
        try:
            return self._ports.terraform.version(), ""
        except TerraformAbsent as absent:
            return "", str(absent)


def _greet(ports: Ports, card: WorkerCard) -> None:
    try:
        ports.ledger.greet(card)
    except LedgerError as error:
        log.warning("the ledger is away", error=str(error))


def _discover(ports: Ports, groups: tuple[Group, ...], before: int | None = None) -> int | None:
    """Consume the queues of environments that have work waiting; new ones need no restart.

    Args:
        ports: whose ledger knows what waits.
        groups: those that shall consume.
        before: where the last look ended.

    Returns:
        Where the next look begins: a long backlog of one environment hides no other for long.
    """
    try:
        waiting = ports.views.runs(RunQuery(states=("waiting",), before=before, limit=PAGE))
    except LedgerError:
        return before
    for environment in {view.run.request.environment for view in waiting}:
        for group in groups:
            if group.name != "stories":
                group.broker.declare_queue(f"{group.name}.{environment}")
    return waiting[-1].run.id if len(waiting) == PAGE else None

"""work: the life of a worker, from its start to the end of its last run."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dramatiq
import structlog

from controller.bootstrap import assemble, settle
from controller.jobs import Group, declare_actors, make_groups, make_queue
from controller.ports import WorkerCard
from controller.settings import Settings, need
from controller.worker.drain import Drain, drain, second_signal
from controller.worker.rounds import Rounds

log = structlog.get_logger(__name__)


def work(settings: Settings, environments: tuple[str, ...], stop: threading.Event) -> None:
    """Work until `stop` is set, then take no new runs and let the current ones finish, up to the drain's end.

    Args:
        settings: the configuration.
        environments: only plans and applies of these; of all where it is empty.
        stop: set once to drain; a second signal interrupts what runs.

    Raises:
        SettingsError: a setting that a worker needs is empty, or none that it could use.
        QueueError: the broker does not answer; once it did, a worker waits for it.
        LedgerError: the ledger cannot be opened.
    """
    need(settings, "redis_url", "repository", "github_token")
    host, pid = socket.gethostname(), os.getpid()
    card = WorkerCard(f"{host}:{pid}", host, pid, environments)
    with (
        _connected(settings) as groups,
        assemble(settings, make_queue(groups), card.name) as assembly,
        second_signal(assembly.pulses, stop),
    ):
        declare_actors(groups, assembly.ports)
        rounds = Rounds(assembly, groups, card)
        settle()
        with consuming(groups, environments, Drain(settings.drain, assembly.pulses, rounds.leave)):
            while not stop.is_set():
                stop.wait(rounds())


@contextmanager
def _connected(settings: Settings) -> Iterator[tuple[Group, ...]]:
    groups = make_groups(settings.redis_url, settings.threads)
    try:
        make_queue(groups).ping()
        yield groups
    finally:
        for group in groups:
            group.broker.close()


@contextmanager
def consuming(groups: tuple[Group, ...], environments: tuple[str, ...], ending: Drain) -> Iterator[None]:
    """Take messages for the length of a block, and finish what was begun after it."""
    workers: dict[str, dramatiq.Worker] = {group.name: group.worker(environments) for group in groups}
    for worker in workers.values():
        worker.start()
    log.info("worker started", groups={group.name: group.threads for group in groups})
    try:
        yield
    finally:
        drain(groups, workers, ending)
        log.info("worker stopped")

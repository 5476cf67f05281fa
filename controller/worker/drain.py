"""drain: no new runs, time for those that were begun, and an interrupt for those that take longer."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import dramatiq

from controller.edge.pulse import Pulses
from controller.jobs import STORIES, Group

LAST_WORDS = 660.0
"""Seconds that a run may take to end after it was interrupted: as long as the guard lets Terraform save its state."""

EVERY = 5.0
"""Seconds between two words of life while a worker drains."""


@dataclass(frozen=True)
class Drain:
    """How a worker ends.

    Attributes:
        seconds: for so long runs may go on.
        pulses: their heartbeats, which fall silent then, or at a second signal.
        meanwhile: what is done now and then until all have ended.
    """

    seconds: float
    pulses: Pulses
    meanwhile: Callable[[], object]


def drain(groups: tuple[Group, ...], workers: Mapping[str, dramatiq.Worker], how: Drain) -> None:
    """Stop a worker's groups: the stories last, so that what the runs came to is still told."""
    runs = tuple(group for group in groups if group.name != STORIES)
    stories = tuple(group for group in groups if group.name == STORIES)
    hurry = threading.Timer(how.seconds, how.pulses.stop)
    hurry.start()
    try:
        for these in (runs, stories):
            _stop(these, workers, how)
    finally:
        hurry.cancel()


def _stop(groups: tuple[Group, ...], workers: Mapping[str, dramatiq.Worker], how: Drain) -> None:
    """Stop groups at the same time: none takes a new message while another finishes its last one."""
    milliseconds = int((how.seconds + LAST_WORDS) * 1000)
    threads = []
    for group in groups:
        group.broker.gate.leave()
        threads.append(threading.Thread(target=workers[group.name].stop, args=(milliseconds,)))
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            how.meanwhile()
            thread.join(EVERY)


@contextmanager
def second_signal(pulses: Pulses, stop: threading.Event) -> Iterator[None]:
    """The first SIGTERM or SIGINT drains; the second interrupts Terraform through its guard."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def heard(_number: int, _frame: object) -> None:
        if stop.is_set():
            pulses.stop()
        stop.set()

    before = {number: signal.signal(number, heard) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

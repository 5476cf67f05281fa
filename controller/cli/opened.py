"""What most verbs need: settings, logs on standard error, and the ports."""

import getpass
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from controller.bootstrap import assemble, sending_queue
from controller.core.call import Call
from controller.errors import QueueError
from controller.ports import Ports, Queue
from controller.settings import Settings, read_settings


class _NoQueue:
    """For verbs on a machine without the broker's URL: calls stay in the ledger, and the sweep sends them."""

    def send(self, *calls: Call) -> None:
        names = ", ".join(sorted({f"`{call.actor.value}`" for call in calls}))
        raise QueueError(f"REDIS_URL is not set: the schedule will send {names}")

    def ping(self) -> None:
        raise QueueError("REDIS_URL is not set")


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[Ports]:
    """The ports for a verb that reads or decides, and then ends."""
    settings = settings or read_settings()
    queue: Queue = sending_queue(settings) if settings.redis_url else _NoQueue()
    with assemble(settings, queue, f"{socket.gethostname()}:{os.getpid()}") as assembly:
        yield assembly.ports


def operator() -> str:
    """Who calls the verb, for the audit trail; a container's user may have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # the former until Python 3.12
        return f"uid {os.getuid()}"


def log_to_stderr() -> None:
    """Logs as text for people on a terminal, as JSON lines elsewhere."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
    renderer: Any = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        # Looked up for each line: whoever takes standard error over meanwhile gets it.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def stop_at_signal() -> threading.Event:
    """An event that SIGTERM or SIGINT sets; for the main thread of a process that runs until then."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop

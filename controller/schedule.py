"""What time triggers: reconcile, sweep, refresh and redeliver, in this process, with or without a broker."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from controller.errors import InfrautomaterError
from controller.pipeline.reconcile import reconcile
from controller.pipeline.redeliver import EVERY as REDELIVER_EVERY
from controller.pipeline.redeliver import redeliver
from controller.pipeline.refresh import EVERY, refresh
from controller.pipeline.sweep import sweep
from controller.ports import Ports
from controller.settings import Settings

log = structlog.get_logger(__name__)

COURTESY = 1.0
"""Seconds for which a schedule that failed at a tick waits for the others at the next one."""


@dataclass(frozen=True)
class Tick:
    """A story that is told every so many seconds."""

    name: str
    seconds: float
    story: Callable[[], None]


class Complaints:
    """What is wrong with ticks, said once: a GitHub that is away for an hour would fill the log with one sentence."""

    def __init__(self) -> None:
        self._known: dict[str, type[InfrautomaterError]] = {}

    def tell(self, tick: str, error: InfrautomaterError) -> None:
        """Say why a tick failed, unless the one before it failed in the same manner."""
        if self._known.get(tick) is not type(error):
            self._known[tick] = type(error)
            log.warning("tick failed", tick=tick, error=str(error))

    def are_about(self, tick: str) -> bool:
        """Whether the tick failed the last time."""
        return tick in self._known

    def settle(self, tick: str) -> None:
        """Say that a tick that failed works again."""
        if self._known.pop(tick, None) is not None:
            log.info("tick works again", tick=tick)


def run_schedule(ports: Ports, settings: Settings, stop: threading.Event) -> None:
    """Tick until `stop` is set; the first tick comes at once, since nobody knows what happened while we were down."""
    scheduler = BackgroundScheduler(timezone="UTC")
    complaints = Complaints()
    for tick in _ticks(ports, settings):
        scheduler.add_job(
            partial(_tick, ports, tick, complaints),
            "interval",
            seconds=tick.seconds,
            id=tick.name,
            max_instances=1,
            coalesce=True,
            # A late tick is told: what it would have looked at is still to be looked at.
            misfire_grace_time=None,
            next_run_time=datetime.now(UTC),
        )
    scheduler.start()
    try:
        stop.wait()
    finally:
        scheduler.shutdown(wait=True)


def _ticks(ports: Ports, settings: Settings) -> tuple[Tick, ...]:
    return (
        Tick("sweep", settings.sweep_every, partial(sweep, ports)),
        Tick("reconcile", settings.reconcile_every, partial(reconcile, ports)),
        Tick("refresh", EVERY.total_seconds(), partial(refresh, ports)),
        Tick("redeliver", REDELIVER_EVERY.total_seconds(), partial(redeliver, ports)),
    )


def _tick(ports: Ports, tick: Tick, complaints: Complaints) -> None:
    """One tick of the clock, told once over all schedules: whoever takes the slot's turn tells it.

    Who failed at the last one lets the others go first: they may be better off.
    """
    if complaints.are_about(tick.name):
        time.sleep(min(COURTESY, tick.seconds / 4))
    slot = f"tick {tick.name} {int(ports.now().timestamp() // tick.seconds)}"
    owner = f"{ports.me} {uuid4()}"
    try:
        if ports.turns.take(slot, owner, tick.seconds * 2):
            _tell(ports, tick, slot, owner)
            complaints.settle(tick.name)
    except InfrautomaterError as error:
        complaints.tell(tick.name, error)


def _tell(ports: Ports, tick: Tick, slot: str, owner: str) -> None:
    try:
        tick.story()
    except InfrautomaterError:
        ports.turns.give_back(slot, owner)
        raise

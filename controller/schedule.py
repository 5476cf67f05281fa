"""What time triggers: reconcile, sweep and refresh, in this process, with or without a broker."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from controller.errors import InfrautomaterError
from controller.pipeline.reconcile import reconcile
from controller.pipeline.refresh import EVERY, refresh
from controller.pipeline.sweep import sweep
from controller.ports import Ports
from controller.settings import Settings

log = structlog.get_logger(__name__)


def run_schedule(ports: Ports, settings: Settings, stop: threading.Event) -> None:
    """Tick until `stop` is set; the first tick comes at once, since nobody knows what happened while we were down."""
    scheduler = BackgroundScheduler(timezone="UTC")
    ticks: dict[str, tuple[float, Callable[[], None]]] = {
        "sweep": (settings.sweep_every, partial(sweep, ports)),
        "reconcile": (settings.reconcile_every, partial(reconcile, ports)),
        "refresh": (EVERY.total_seconds(), partial(refresh, ports)),
    }
    for name, (seconds, story) in ticks.items():
        scheduler.add_job(
            partial(_tick, ports, name, seconds, story),
            "interval",
            seconds=seconds,
            id=name,
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


def _tick(ports: Ports, name: str, seconds: float, story: Callable[[], None]) -> None:
    """One tick of the clock, told once over all schedules: whoever takes the slot's turn tells it."""
    slot = int(ports.now().timestamp() // seconds)
    try:
        if ports.turns.take(f"tick {name} {slot}", ports.me, seconds * 2):
            story()
    except InfrautomaterError as error:
        log.warning("tick failed", tick=name, error=str(error))

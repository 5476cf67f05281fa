"""`schedule`: what time triggers."""

from controller import schedule
from controller.cli.opened import log_to_stderr, opened, stop_at_signal
from controller.settings import need, read_settings


def run() -> None:
    """Reconcile and sweep on a schedule, until SIGTERM; several of them tick once together."""
    log_to_stderr()
    settings = read_settings()
    need(settings, "repository", "github_token")
    stop = stop_at_signal()
    with opened(settings) as ports:
        schedule.run_schedule(ports, settings, stop)

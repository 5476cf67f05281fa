"""`up`: listener, worker and schedule in one, with an embedded broker and ledger unless others are named."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import structlog

from controller import schedule
from controller.bootstrap import make_data
from controller.cli.opened import log_to_stderr, opened, stop_at_signal
from controller.cli.serve import serve
from controller.edge.valkey import embedded_valkey
from controller.settings import Settings, need, read_settings
from controller.worker import work

log = structlog.get_logger(__name__)


def run() -> None:
    """Run everything on this machine, until SIGTERM."""
    log_to_stderr()
    settings = read_settings()
    need(settings, "repository", "github_token", "webhook_secrets")
    make_data(settings)
    stop = stop_at_signal()
    with _broker(settings) as ready:
        log.info(
            "infrautomater is up", webhook=f"{ready.pages_url}/webhooks/github", repository=ready.repository
        )
        _together(
            stop,
            lambda: work(ready, (), stop),
            lambda ended: _schedule(ready, ended),
            lambda ended: serve(ready, ended),
        )


@contextmanager
def _broker(settings: Settings) -> Iterator[Settings]:
    """The settings with a broker's URL in them."""
    if settings.redis_url:
        yield settings
        return
    with embedded_valkey(settings.data / "valkey") as url:
        yield settings.model_copy(update={"redis_url": url})


def _schedule(settings: Settings, stop: threading.Event) -> None:
    with opened(settings) as ports:
        schedule.run_schedule(ports, settings, stop)


def _together(
    stop: threading.Event, main: Callable[[], None], *others: Callable[[threading.Event], None]
) -> None:
    """Run all until `stop`; the end of one is the end of all, and its error is raised here.

    Only `main` heeds `stop`: the others go on while it drains, and end by the event they are called with.
    """
    errors: list[BaseException] = []
    ended = threading.Event()

    def guarded(part: Callable[[], None], then: threading.Event) -> None:
        try:
            part()
        except BaseException as error:  # noqa: BLE001 -- it is raised again below, in the main thread
            errors.append(error)
        finally:
            then.set()

    threads = [
        threading.Thread(target=guarded, args=(partial(part, ended), stop), daemon=True) for part in others
    ]
    for thread in threads:
        thread.start()
    guarded(main, ended)
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]

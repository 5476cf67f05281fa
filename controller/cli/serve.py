"""`serve`: the listener, the pages and the API."""

import asyncio
import os
import socket
import threading

import uvicorn

from controller.bootstrap import assemble, sending_queue, settle
from controller.cli.opened import log_to_stderr, stop_at_signal
from controller.errors import SettingsError
from controller.settings import Settings, need, read_settings
from controller.web.app import make_app


def run() -> None:
    """Serve webhooks, pages and the API, until SIGTERM."""
    log_to_stderr()
    serve(read_settings(), stop_at_signal())


def serve(settings: Settings, stop: threading.Event) -> None:
    """Serve until `stop` is set.

    Raises:
        SettingsError: a setting that the listener needs is empty, or the port is taken.
    """
    need(settings, "redis_url", "repository", "github_token", "webhook_secrets")
    with assemble(settings, sending_queue(settings), f"{socket.gethostname()}:{os.getpid()}") as assembly:
        app = make_app(assembly.ports, settings)
        settle()
        config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=5)
        with _listener(settings) as listener:
            # asyncio sets it only on sockets that name their protocol; without it every answer waits 40 ms.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            asyncio.run(_serve_until(uvicorn.Server(config), listener, stop))


def _listener(settings: Settings) -> socket.socket:
    try:
        return socket.create_server((settings.host, settings.port))
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise SettingsError(
            f"the listener cannot have {where} (INFRAUTOMATER_HOST, INFRAUTOMATER_PORT): {error.strerror}"
        ) from error


async def _serve_until(server: uvicorn.Server, listener: socket.socket, stop: threading.Event) -> None:
    """Signals are the caller's business, so uvicorn is told by `should_exit`."""
    serving = asyncio.create_task(server._serve([listener]))  # noqa: SLF001 -- `serve` would take the signals over
    await asyncio.to_thread(stop.wait)
    server.should_exit = True
    await serving

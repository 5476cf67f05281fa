"""A box while it runs: its server, in a thread of this process."""

import asyncio
import contextlib
import socket
import threading
import time

import uvicorn

from controller.sandbox.app import application
from controller.sandbox.forge import Forge
from controller.sandbox.webhooks.astray import Astray

_PATIENCE = 5.0

_IDLE = 75
"""How long a connection may wait for its next request, in seconds. uvicorn's own five end often while a client
is about to ask again, and a client that asks at that moment is reset."""


class Running:
    """A box from its start to its stop.

    Args:
        forge: What is served.
        post: What sends its deliveries.
        listener: The socket that clients connect to.

    Raises:
        RuntimeError: The server did not start.
    """

    def __init__(self, forge: Forge, post: Astray, listener: socket.socket) -> None:
        self.forge, self.post, self.url = forge, post, forge.url
        self._listener = listener
        self._ready = threading.Event()
        self._server = _Server(_config(forge), self._ready)
        self._thread = threading.Thread(target=self._serve, name="sandbox", daemon=True)
        self._thread.start()
        if not self._ready.wait(_PATIENCE):
            raise RuntimeError("The box did not start")

    def stop(self) -> None:
        """Serve no more, send what is under way, and let go of the folder."""
        until = time.monotonic() + _PATIENCE
        self._server.should_exit = True
        self._thread.join(_PATIENCE)
        self.post.stop(max(0.0, until - time.monotonic()))
        self._listener.close()
        with self.forge.lock:
            self.forge.store.close()

    def _serve(self) -> None:
        with contextlib.closing(asyncio.new_event_loop()) as loop:
            loop.run_until_complete(self._server.serve(sockets=[self._listener]))
            loop.run_until_complete(loop.shutdown_default_executor())


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()


def _config(forge: Forge) -> uvicorn.Config:
    return uvicorn.Config(
        application(forge),
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        headers=[("Server", "github.com")],
        server_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=_IDLE,
    )

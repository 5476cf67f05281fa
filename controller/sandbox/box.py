"""A box: the forge behind a server of its own, in a thread of this process.

Example:
    >>> with Box(Path("box")) as box:
    ...     github = Github(auth=Auth.Token(box.tokens["requester"]), base_url=box.api_url)
"""

import contextlib
import socket
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from controller.sandbox.accounts import apps
from controller.sandbox.acts import queues, refs
from controller.sandbox.faults import Faults
from controller.sandbox.forge import Forge
from controller.sandbox.limits import Limits
from controller.sandbox.running import Running
from controller.sandbox.seed import APP, seed
from controller.sandbox.webhooks import events
from controller.sandbox.webhooks.astray import Astray
from controller.sandbox.webhooks.deliveries import Courier

REPOSITORY = "acme/infrastructure"


class Box:
    """GitHub in a box: REST, GraphQL, webhooks, git over HTTP and pages, on one folder.

    A box that is started again on the same folder goes on where it was, with the same tokens.

    Args:
        data_dir: Where everything is kept; made when it does not exist.
        host: The address to listen on.
        port: The port to listen on, 0 for a free one.
        repository: The repository to be there, as `owner/name`.
        seed_files: Its first commit's files by path; without any it stays empty.
        manifest: The App to be installed on it.
        limits: How much a caller may ask.
    """

    def __init__(  # noqa: PLR0913 what a new box is furnished with, all of it by name and with a default
        self,
        data_dir: Path,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        repository: str = REPOSITORY,
        seed_files: Mapping[str, bytes] | None = None,
        manifest: apps.Manifest = APP,
        limits: Limits | None = None,
    ) -> None:
        self.data_dir, self.repository = Path(data_dir), repository
        self._manifest, self._limits = manifest, limits or Limits()
        self._address = (host, port)
        self._seed_files = seed_files or {}
        self._url = ""
        self._running: Running | None = None

    @property
    def url(self) -> str:
        """The address of the pages, of git (`{url}/acme/infrastructure.git`), and of the API as on api.github.com."""
        return self._started.url

    @property
    def api_url(self) -> str:
        """The address of the API as on an Enterprise Server."""
        return f"{self.url}/api/v3"

    @property
    def graphql_url(self) -> str:
        """The address of the GraphQL API as on an Enterprise Server."""
        return f"{self.url}/api/graphql"

    @property
    def tokens(self) -> dict[str, str]:
        """Everybody's token by login; an App's bot has none."""
        return {user.login: user.token for user in self._started.forge.users.all() if user.token}

    @property
    def app(self) -> apps.Credentials:
        """What its owner knows of the box's App: its key is made when this is first asked for."""
        forge = self._started.forge
        with forge.lock:
            return apps.credentials(forge, self._manifest.slug)

    @property
    def limits(self) -> Limits:
        """How much a caller may ask."""
        return self._started.forge.meter.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._started.forge.meter.limits = limits

    @property
    def faults(self) -> Faults:
        """What shall go wrong."""
        return self._started.forge.faults

    def git_url(self, login: str) -> str:
        """The repository's address for git, with somebody's token in it."""
        scheme, _, rest = self.url.partition("://")
        return f"{scheme}://{login}:{self.tokens[login]}@{rest}/{self.repository}.git"

    def start(self) -> Self:
        """Serve, from now until `stop`; returns when the first request can be sent.

        Raises:
            OSError: The address is taken.
            sqlite3.OperationalError: Another box is on the same folder.
        """
        with contextlib.ExitStack() as opened:
            forge = Forge(self.data_dir)
            opened.callback(forge.store.close)
            listener = opened.enter_context(socket.create_server(self._address))
            # asyncio does so only for sockets that name their protocol; without it every answer waits 40 ms.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            post = Astray(Courier(lambda attempt: events.record(forge, attempt)))
            forge.deliver = post.send
            forge.url = "http://{}:{}".format(*listener.getsockname())
            self._furnish(forge)
            self._running = Running(forge, post, listener)
            opened.pop_all()
        return self

    def stop(self) -> None:
        """Serve no more, and let the folder go; deliveries that take over five seconds are recorded as timed out."""
        if self._running:
            self._running.stop()
            self._running = None

    def settle(self, timeout: float = 10.0) -> bool:
        """Wait until every delivery is sent.

        Args:
            timeout: How long, in seconds.

        Returns:
            Whether that came to pass.
        """
        return self._started.post.settle(timeout)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _furnish(self, forge: Forge) -> None:
        with forge.lock:
            forge.meter.limits = self._limits
            seed(forge, self.repository, self._seed_files, self._manifest)
            # A push whose box was stopped before it noticed.
            for repository in forge.repositories.all():
                refs.sync(forge, repository, forge.user("admin"))
            queues.advance(forge)

    @property
    def _started(self) -> Running:
        if self._running is None:
            raise RuntimeError("The box is not started")
        return self._running

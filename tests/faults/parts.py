"""Parts of a product that may be killed and started again: its broker, its workers."""

import os
import signal
import tempfile
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import redis

from controller.cli.stack import WORKER, verb
from controller.edge.guarded import SERVICE, Start, guarded
from controller.edge.valkey import _argv, _await
from tests.e2e.conftest import eventually
from tests.faults.processes import is_alive, pid_of


class Broker:
    """Valkey on one socket, however often it is killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = Path(tempfile.mkdtemp(prefix="faults-")) / "valkey.sock"
        self.url = f"unix://{self._socket}"
        self._server = ExitStack()

    def start(self):
        self._folder.mkdir(exist_ok=True, parents=True)
        server = guarded(_argv(self._folder, self._socket), Start(self._folder), SERVICE)
        self._child = self._server.enter_context(server)
        _await(self.url)

    def kill(self):
        os.kill(pid_of(self._child), signal.SIGKILL)
        self._server.close()

    def flush(self):
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def stop(self):
        self._server.close()
        self._socket.unlink(missing_ok=True)
        self._socket.parent.rmdir()


class Crew:
    """The workers: the first is the stack's, all others are ours."""

    def __init__(self, stack, first: int) -> None:
        self._stack, self._pids, self._started = stack, [first], ExitStack()

    def settings(self, number):
        """What a worker is told besides what all are."""
        return {}

    def start(self):
        """One worker more; its pid."""
        number = len(self._pids)
        stack = replace(self._stack, env={**self._stack.env, **self.settings(number)})
        child = self._started.enter_context(verb(stack, "work", WORKER, f"work-{number}"))
        self._pids.append(pid_of(child))
        return self._pids[-1]

    def live(self):
        return [pid for pid in self._pids if is_alive(pid)]

    def thaw(self):
        for pid in self.live():
            os.kill(pid, signal.SIGCONT)

    def end(self, pid):
        """SIGTERM, and SIGKILL where that is not heard."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
            os.kill(pid, signal.SIGTERM)
        if not eventually(lambda: not is_alive(pid), 20):
            os.kill(pid, signal.SIGKILL)

    def be(self, wanted):
        """So many, no more and no fewer; who is there longest goes first."""
        for pid in self.live()[:-wanted] if wanted else self.live():
            self.end(pid)
        while len(self.live()) < wanted:
            self.start()

    def close(self):
        self._started.close()

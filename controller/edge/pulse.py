"""The heartbeat of a lease: a thread that renews it, and tells whoever listens."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from controller.errors import FenceLost, LedgerError
from controller.ports import Lease, Ledger

log = structlog.get_logger(__name__)


class Heartbeat:
    """A lease's pulse; it ends when the lease is lost, or when `stop` is called."""

    def __init__(self, ledger: Ledger, lease: Lease, every: float) -> None:
        self._ledger = ledger
        self._lease = lease
        self._every = every
        self._listeners: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._lost = threading.Event()
        self._silent = threading.Event()

    @contextmanager
    def listen(self, beat: Callable[[], None]) -> Iterator[None]:
        """See `ports.Pulse`."""
        with self._lock:
            self._listeners.append(beat)
        if not self.is_lost():
            beat()
        try:
            yield
        finally:
            with self._lock:
                self._listeners.remove(beat)

    def is_lost(self) -> bool:
        """See `ports.Pulse`."""
        return self._lost.is_set() or self._silent.is_set()

    def stop(self) -> None:
        """Fall silent: whoever listens must end now. The lease is renewed until they have: their last word is told under it."""
        self._silent.set()

    def run(self) -> None:
        """Beat until the lease is given back or lost; while the ledger is away nobody hears a beat."""
        while not self._ended.wait(self._every) and not self._lost.is_set():
            try:
                self._ledger.beat(self._lease)
            except FenceLost:
                log.warning("lease lost", run=self._lease.run, worker=self._lease.worker)
                self._lost.set()
            except LedgerError as error:
                log.warning("no heartbeat: the ledger is away", run=self._lease.run, error=str(error))
            else:
                self._tell()

    def end(self) -> None:
        """The lease is given back."""
        self._ended.set()

    def _tell(self) -> None:
        if self._silent.is_set():
            return
        with self._lock:
            listeners = tuple(self._listeners)
        for beat in listeners:
            beat()


class Pulses:
    """All heartbeats of one worker, so that it can stop them at once."""

    def __init__(self, ledger: Ledger, every: float) -> None:
        self._ledger = ledger
        self._every = every
        self._beating: set[Heartbeat] = set()
        self._stopped = threading.Event()

    @contextmanager
    def __call__(self, lease: Lease) -> Iterator[Heartbeat]:
        """Renew a lease every few seconds while the block runs."""
        heartbeat = Heartbeat(self._ledger, lease, self._every)
        thread = threading.Thread(target=heartbeat.run, name=f"pulse of run {lease.run}", daemon=True)
        self._beating.add(heartbeat)
        if self._stopped.is_set():
            heartbeat.stop()
        thread.start()
        try:
            yield heartbeat
        finally:
            heartbeat.end()
            self._beating.discard(heartbeat)
            thread.join()

    def stop(self) -> None:
        """Let every heartbeat fall silent, also those to come: Terraform is interrupted wherever it runs."""
        self._stopped.set()
        for heartbeat in tuple(self._beating):
            heartbeat.stop()

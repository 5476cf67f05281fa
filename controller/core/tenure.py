"""Tenure: who has a workspace's state in hands, and whether it may be taken from them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from controller.core.lock import StateLock
from controller.core.outcome import Failed
from controller.core.run import Ended, Run, Waiting


class End(StrEnum):
    """How a run let go of a state."""

    CLEAN = "clean"
    """Its Terraform ended by itself, and released what it had locked."""
    FAILED = "failed"
    """Its Terraform ended with an error, which may be that it could not release its lock."""
    CUT = "cut"
    """It was interrupted, or its worker fell silent: its Terraform may have lived on for a while."""


GRACE = timedelta(seconds=660)
"""A dead worker's guard gives Terraform ten minutes to save its state; nobody breaks a lock before a minute more."""

SKEW = timedelta(seconds=2)
"""Terraform's clock and the ledger's are two, though of one machine."""


@dataclass(frozen=True)
class Tenure:
    """One run's time with a state, from its claim to its end.

    Attributes:
        run: the run.
        worker: on which worker, `host:pid`.
        step: how far it came.
        since: when it was claimed.
        heard: its worker's last heartbeat.
        lease: when its lease ends; None once it was given back, or taken.
        ended: when it was given back or taken; None as long as nobody did.
        end: in which manner; as long as it has not ended, in which it would end if its worker died now.
        met: the id of the lock that kept it from the state, which is then not its own.
    """

    run: int
    worker: str
    step: str
    since: datetime
    heard: datetime
    lease: datetime | None = None
    ended: datetime | None = None
    end: End = End.CUT
    met: str = ""

    def had(self, lock: StateLock) -> bool:
        """Whether the lock was made in this time, and on the same machine: two runs never have one state at once.

        A person who is at work on that machine is no run of ours: a clean end leaves no lock, nor is one a run's own that
        it met.
        """
        if self.end is End.CLEAN or lock.id == self.met:
            return False
        if lock.created is None or lock.host != self.worker.rpartition(":")[0]:
            return False
        grace = GRACE if self.end is End.CUT else timedelta(0)
        until = self.ended + grace if self.ended else lock.created
        return self.since - SKEW <= lock.created <= until


@dataclass(frozen=True)
class Free:
    """Nobody is at work on it, and no lock is known."""

    is_safe = False

    def told(self, _now: datetime) -> str:
        return "free: nobody is at work on it, and no lock of Terraform's is known"


@dataclass(frozen=True)
class Alive:
    """A run under a lease that somebody renews."""

    tenure: Tenure

    is_safe = False

    def told(self, now: datetime) -> str:
        return f"{_held(self.tenure, now)}; it is alive: wait for its end"


@dataclass(frozen=True)
class Silent:
    """A run whose lease is over, and that nobody took over yet."""

    tenure: Tenure

    is_safe = True

    def told(self, now: datetime) -> str:
        return f"{_held(self.tenure, now)}; its lease is over; safe"


@dataclass(frozen=True)
class LeftLock:
    """A lock of Terraform's that a dead run left behind."""

    lock: StateLock
    tenure: Tenure

    is_safe = True

    def told(self, now: datetime) -> str:
        return f"{_held(self.tenure, now)}; Terraform lock `{self.lock.id}` was created in that run; safe"


@dataclass(frozen=True)
class FreshLock:
    """A lock of Terraform's that a run left behind a moment ago: its Terraform may still save the state."""

    lock: StateLock
    tenure: Tenure
    until: datetime

    is_safe = False

    def told(self, now: datetime) -> str:
        return (
            f"{_held(self.tenure, now)}; Terraform lock `{self.lock.id}` was created in that run, and Terraform may still be "
            f"saving its state: safe from {self.until:%H:%M:%S} UTC on"
        )


@dataclass(frozen=True)
class StrangeLock:
    """A lock of Terraform's that no run of ours made."""

    lock: StateLock

    is_safe = False

    def told(self, _now: datetime) -> str:
        made = f", since {self.lock.created:%Y-%m-%d %H:%M:%S} UTC" if self.lock.created else ""
        return (
            f"held by `{self.lock.who or 'somebody unknown'}`{made}; Terraform lock `{self.lock.id}` was created in no run: "
            f"whoever has it ends it, or, once they are known to be dead, `terraform force-unlock {self.lock.id}` does"
        )


Holder = Free | Alive | Silent | LeftLock | FreshLock | StrangeLock


def holder(tenures: Iterable[Tenure], lock: StateLock | None, now: datetime) -> Holder:
    """Who has a state in hands.

    Args:
        tenures: the runs that had it, in any order.
        lock: Terraform's own, where one stood in somebody's way.
        now: the time.
    """
    known = sorted(tenures, key=lambda tenure: tenure.since, reverse=True)
    leased = next((tenure for tenure in known if tenure.lease is not None), None)
    if leased is not None and leased.lease is not None:
        return Alive(leased) if leased.lease > now else Silent(leased)
    return Free() if lock is None else _left(lock, known, now)


def met_lock(runs: Iterable[Run]) -> StateLock | None:
    """The lock that stood in the way of the newest run that came to something; `runs` are newest first."""
    for run in runs:
        if isinstance(run.state, Ended):
            return run.state.outcome.lock if isinstance(run.state.outcome, Failed) else None
        if not isinstance(run.state, Waiting):
            return None
    return None


def keeper(tenures: Iterable[Tenure], lock: StateLock, run: int, now: datetime) -> Holder:
    """Who keeps `run` from a state that it has the lease of."""
    others = sorted((each for each in tenures if each.run != run), key=lambda each: each.since, reverse=True)
    return _left(lock, others, now)


def _left(lock: StateLock, known: list[Tenure], now: datetime) -> Holder:
    maker = next((tenure for tenure in known if tenure.had(lock)), None)
    if maker is None:
        return StrangeLock(lock)
    if maker.ended is None:
        return Alive(maker)
    safe = maker.ended + GRACE
    return LeftLock(lock, maker) if now >= safe else FreshLock(lock, maker, safe)


def _held(tenure: Tenure, now: datetime) -> str:
    return f"held by run {tenure.run} at {tenure.step} on worker `{tenure.worker}`, last heard {_ago(now - tenure.heard)}"


def _ago(time: timedelta) -> str:
    seconds = max(0, int(time.total_seconds()))
    minutes, hours = seconds // 60, seconds // 3600
    if hours:
        return f"{hours} h ago"
    return f"{minutes} min ago" if minutes else f"{seconds} s ago"

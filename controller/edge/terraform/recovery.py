"""Recovery: what Terraform could not write to its backend gets there all the same, and is never forced on it.

Terraform's own safety is a state's serial and lineage: https://developer.hashicorp.com/terraform/cli/commands/state/push.
"""

import contextlib
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from controller.core.lock import StateLock, read_lock
from controller.core.outcome import Cause, classify, leaves_state
from controller.edge.terraform.argv import pull_argv, push_argv, unlock_argv
from controller.edge.terraform.disk import disk_of
from controller.edge.terraform.rescued import holds_same, mend, name_lineage
from controller.edge.terraform.step import Runner
from controller.errors import TerraformFailed

PAUSES = (0.0, 1.0, 5.0, 15.0, 30.0)
"""Seconds before each try to push a state right after its apply, while the run still has its lease."""

PUSHED = "Terraform could not write the state to its backend. It was pushed there afterwards: nothing of it is lost.\n"
KEPT = (
    "Terraform could not write the state to its backend. It is safe in {kept} on {host}: the request's next run on this "
    "machine pushes it before it plans, and no other run of the request should be let go before it.\n"
)
REFUSED = (
    "The state that Terraform could not write is kept in {kept} on {host}. The backend has one that it does not continue, so "
    "it was not forced. Compare the two (`terraform state pull`), bring the backend to what is right (`terraform state push`, "
    "`terraform import`), and delete the file once nothing in it is missing there.\n"
)
AWAITED = (
    "A state of this request waits to be pushed to its backend ({kept}): its next apply does that, and this plan does not know "
    "what is in it.\n"
)
ENDING = 10.0
"""Seconds for a Terraform that has left its state, and released its lock, to end its providers and itself."""

_LOOK = 0.1


class Run(Protocol):
    """Runs a command line as a step of a session; `extra` are seconds that come on top of its deadline."""

    def __call__(self, argv: tuple[str, ...], *, extra: float = 0.0) -> str:
        """What it printed."""


@dataclass(frozen=True)
class Recovery:
    """Of one session; `run` runs a step of it, `state` is the file of the `local` backend, if it has that."""

    runner: Runner
    run: Run
    data: Path
    state: Path | None

    def bring_back(self, lock_timeout: float) -> None:
        """Push what former runs of the request could not write.

        Raises:
            TerraformFailed: the backend cannot take it now, or does not; it says where the state is kept.
        """
        for kept in self.runner.folder.waiting():
            try:
                self._push(kept, lock_timeout)
            except TerraformFailed as failed:
                failed.errors += _told(REFUSED if _is_refusal(failed) else KEPT, kept)
                raise

    def is_awaited(self) -> bool:
        """Whether a state of the request waits to be pushed; a Terraform that has left one is given time to end."""
        folder, until = self.runner.folder, time.monotonic() + ENDING
        while not (found := folder.waiting()) and folder.is_left_one() and time.monotonic() < until:
            if not self._wait(_LOOK):
                break
        return bool(found)

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """Errors of the block say where a state is that waits to be pushed: no other machine may go on without it."""
        try:
            yield
        except TerraformFailed as failed:
            if not leaves_state(failed.errors):
                failed.errors += "".join(_told(KEPT, kept) for kept in self.runner.folder.waiting())
            raise

    def announce(self) -> None:
        """Say of a plan that goes without the state's lock what it cannot know."""
        for kept in self.runner.folder.waiting():
            self.runner.tell(_told(AWAITED, kept))

    def save(self, since: datetime) -> str:
        """After an apply that failed: push the state that it could not write, if there is one, a bounded number of times.

        Args:
            since: when that apply began.

        Returns:
            What came of it, as sentences; empty where there was nothing to save.
        """
        kept = self.runner.folder.rescue()
        if kept is None:
            return ""
        words = _told(self._try(kept, since, datetime.now(UTC)), kept)
        self.runner.tell(words)
        return words

    def _try(self, kept: Path, since: datetime, until: datetime) -> str:
        for pause in PAUSES:
            if not self._wait(pause):
                break
            try:
                self._push(kept, 0.0)
            except TerraformFailed as failed:
                if _is_refusal(failed):
                    return REFUSED
                self._release_own(read_lock(failed.errors), since, until)
            else:
                return PUSHED
        return KEPT

    def _push(self, kept: Path, lock_timeout: float) -> None:
        with disk_of(self.data, "push"):
            if self.state is not None:
                mend(self.state)
            name_lineage(kept)
            try:
                self.run(push_argv(kept, lock_timeout=lock_timeout), extra=lock_timeout)
            except TerraformFailed as failed:
                if not _is_refusal(failed) or not holds_same(self.run(pull_argv()), kept):
                    raise
            kept.unlink(missing_ok=True)

    def _release_own(self, lock: StateLock | None, since: datetime, until: datetime) -> None:
        """Release what the apply that just ended could not: its own lock, made by it on this machine and by nobody else.

        Nobody else can have made one then: this run has the workspace's lease, and its Terraform had the lock.
        """
        if lock and lock.created and lock.host == socket.gethostname() and since <= lock.created <= until:
            with contextlib.suppress(TerraformFailed):  # the next push will say so
                self.run(unlock_argv(lock.id))

    def _wait(self, seconds: float) -> bool:
        """Wait; whether the run may still go on."""
        until = time.monotonic() + seconds
        while not self.runner.pulse.is_lost() and time.monotonic() < until:
            time.sleep(_LOOK)
        return not self.runner.pulse.is_lost()


def _is_refusal(failed: TerraformFailed) -> bool:
    return classify(failed.errors) is Cause.STATE_REFUSED


def _told(words: str, kept: Path) -> str:
    return words.format(kept=kept, host=socket.gethostname())

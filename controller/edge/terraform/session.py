"""A session: init, plan and apply of one workspace, in its own folder."""

import json
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from controller.core.stream import read_stream
from controller.core.workspace import LOCK_FILE
from controller.edge.terraform.argv import apply_argv, init_argv, plan_argv, show_argv, unlock_argv
from controller.edge.terraform.disk import disk_of, full, said_if_full
from controller.edge.terraform.engine import Engine
from controller.edge.terraform.environment import secret_environment
from controller.edge.terraform.providers import Providers
from controller.edge.terraform.ready import without_hashes
from controller.edge.terraform.recovery import Recovery
from controller.edge.terraform.step import Runner, Step
from controller.edge.terraform.store import turn
from controller.errors import TerraformFailed
from controller.ports import Job

_READY = "Nothing to initialise: modules and providers are those of an earlier init, and have not changed.\n"
_SIGNS = {"apply": '"type":"apply_start"'}
"""What a step prints once an interrupt is not lost on it any more: Terraform hears one that comes before its apply begins
to walk, says so, and then applies everything (`Context.Stop` in Terraform's `internal/terraform/context.go`).
"""
_SECRET = frozenset({"show", "pull"})
_CUT = "The apply was done, but what it printed is cut off, and its outputs are missing.\n"
_AFRESH = "The lock file does not have the checksum of what was fetched before: fetching once more.\n"


@dataclass(frozen=True)
class Limits:
    """How long things may take, in seconds: each step, and waiting for the state's lock, which comes on top."""

    steps: Mapping[str, float]
    lock: float


@dataclass(frozen=True)
class Session:
    """One prepared directory; `state` is the file of the `local` backend."""

    engine: Engine
    job: Job
    providers: Providers
    runner: Runner
    limits: Limits
    env: Mapping[str, str] = field(repr=False)
    state: Path

    def init(self) -> None:
        """Bring the backend and the providers; only what no earlier init has brought.

        An error says where a state is that waits to be pushed: no other machine may go on without it.
        """
        with self._recovery.telling(), self._disk("init"):
            if self._is_ready():
                return
            with turn(self.providers.store, self.runner.pulse):
                if not self._is_ready():  # another may have done it meanwhile
                    self._init_anew()

    def plan(self, *, destroy: bool, lock: bool) -> tuple[Mapping[str, Any], str]:
        """Make a plan: the object that `terraform show -json` prints of it, and what the step printed (JSON lines).

        With the state's lock a state that a former run could not write is pushed first.
        """
        with self._disk("plan"):
            if lock:
                return self._plan_with_all(destroy=destroy)
            self._recovery.announce()
            return self._plan_anew(destroy=destroy, timeout=None)

    def apply(self) -> str:
        """Apply the plan that was made last; what the step printed (JSON lines).

        A state that it cannot write to its backend is pushed there again and again, before it fails with that.
        """
        timeout, began = self.limits.lock, datetime.now(UTC)
        try:
            with self._disk("apply"):
                printed = self._run(apply_argv(self._plan, lock_timeout=timeout), extra=timeout, secrets=True)
        except TerraformFailed as failed:
            failed.errors += self._recovery.save(began)
            raise
        if self._is_cut(printed):
            raise TerraformFailed("apply", printed, full(self.runner.folder.path) + _CUT)
        return printed

    def unlock(self, lock: str) -> None:
        """Release the state's lock that has this id; nobody may hold it any more."""
        with self._recovery.telling(), self._disk("unlock"):
            self._run(unlock_argv(lock))

    def _is_cut(self, printed: str) -> bool:
        """Whether an apply's output is not whole: Terraform prints its outputs last, also where there are none."""
        begun = '"type":"version"' in printed
        return read_stream(printed).outputs is None and bool(begun or said_if_full(self.runner.folder.path))

    def _disk(self, step: str) -> AbstractContextManager[None]:
        return disk_of(self.providers.data, step)

    @property
    def _recovery(self) -> Recovery:
        state = self.state if self.job.backend == "local" else None
        return Recovery(self.runner, self._run, self.providers.data, state)

    def _plan_with_all(self, *, destroy: bool) -> tuple[Mapping[str, Any], str]:
        """Plan with what every former run has made.

        One that was taken over may still have its Terraform: that had the lock until it had tried to save its state, so
        that what it could not save is there only once the plan has had the lock. Who has the lease is alone from then on:
        nothing more can come.
        """
        recovery, timeout = self._recovery, self.limits.lock
        with recovery.telling():
            recovery.bring_back(timeout)
            made = self._plan_anew(destroy=destroy, timeout=timeout)
            if not recovery.is_awaited():
                return made
            recovery.bring_back(timeout)
            return self._plan_anew(destroy=destroy, timeout=timeout)

    def _plan_anew(self, *, destroy: bool, timeout: float | None) -> tuple[Mapping[str, Any], str]:
        self._plan.unlink(missing_ok=True)
        argv = plan_argv(self._plan, destroy=destroy, lock_timeout=timeout)
        printed = self._run(argv, extra=timeout or 0.0, secrets=True)
        return self._show(), printed

    def _is_ready(self) -> bool:
        """Take what an earlier init left behind; a backend that is not a file is asked all the same."""
        root = self.runner.folder.root
        ready = None if (root / ".terraform").exists() else self.providers.find(self.job)
        if ready is None:
            return False
        ready.put(root, self.state)
        if self.job.backend == "local":
            self.runner.tell(_READY)
        else:
            self._init(self.providers.offline)
        return True

    def _init_anew(self) -> None:
        try:
            self._fetch()
        except TerraformFailed as failed:
            failed.errors += self.providers.explain(failed.errors)
            raise
        self.providers.keep(self.job, self.runner.folder.root)

    def _fetch(self) -> None:
        """Use what was fetched before, unless the lock file knows it by its packed form alone.

        Terraform can compare that with a download only. A lock file that was made on another system is like this
        (https://developer.hashicorp.com/terraform/language/files/dependency-lock#new-provider-package-checksums).
        """
        try:
            self._init(self.providers.online)
        except TerraformFailed as failed:
            if type(failed) is not TerraformFailed or not self.providers.is_worth_fetching(failed.errors):
                raise
            self.runner.tell(_AFRESH)
            shutil.rmtree(self.runner.folder.root / ".terraform", ignore_errors=True)
            self._init(self.providers.afresh)

    def _init(self, configuration: str) -> None:
        self.runner.folder.config.write_text(configuration, "utf-8")
        local = {"path": str(self.state)} if self.job.backend == "local" else {}
        self._run(init_argv(locked=LOCK_FILE in self.job.files, backend=local))
        without_hashes(self.runner.folder.root)

    @property
    def _plan(self) -> Path:
        return self.runner.folder.plan

    def _show(self) -> Mapping[str, Any]:
        text = self._run(show_argv(self._plan))
        try:
            plan: Mapping[str, Any] = json.loads(text)
        except ValueError:  # its text is nobody's to see, and so no cause of this
            why = said_if_full(self.runner.folder.path)
            raise TerraformFailed("show", errors=f"{why}`terraform show -json` printed no JSON.") from None
        return plan

    def _run(self, argv: tuple[str, ...], *, extra: float = 0.0, secrets: bool = False) -> str:
        """Run a step, named after its command; ephemeral variables go to those that need them only."""
        name = _name(argv)
        step = Step(
            name=name,
            argv=(*self.engine.argv, *argv),
            env={**self.env, **(secret_environment(self.job) if secrets else {})},
            deadline=self.limits.steps[name] + extra,
            secret=name in _SECRET,
            sign=_SIGNS.get(name, ""),
        )
        return self.runner.run(step)


def _name(argv: tuple[str, ...]) -> str:
    """What people call a command: `terraform state push` a push, `terraform force-unlock` an unlock."""
    command = argv[1] if argv[0] == "state" else argv[0]
    return command.removeprefix("force-")

"""A session: init, plan and apply of one workspace, in its own folder."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from controller.edge.terraform.argv import apply_argv, init_argv, plan_argv, show_argv
from controller.edge.terraform.engine import Engine
from controller.edge.terraform.environment import secret_environment
from controller.edge.terraform.step import Runner, Step
from controller.errors import TerraformFailed
from controller.ports import Job

LOCK_FILE = ".terraform.lock.hcl"


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
    runner: Runner
    limits: Limits
    env: Mapping[str, str] = field(repr=False)
    state: Path

    def init(self) -> None:
        """Bring the backend and the providers."""
        local = {"path": str(self.state)} if self.job.backend == "local" else {}
        self._run(init_argv(locked=LOCK_FILE in self.job.files, backend=local))

    def plan(self, *, destroy: bool, lock: bool) -> tuple[Mapping[str, Any], str]:
        """Make a plan: the object that `terraform show -json` prints of it, and what the step printed (JSON lines)."""
        timeout = self.limits.lock if lock else None
        self._plan.unlink(missing_ok=True)
        printed = self._run(
            plan_argv(self._plan, destroy=destroy, lock_timeout=timeout), extra=timeout or 0.0, secrets=True
        )
        return self._show(), printed

    def apply(self) -> str:
        """Apply the plan that was made last; what the step printed (JSON lines)."""
        timeout = self.limits.lock
        return self._run(apply_argv(self._plan, lock_timeout=timeout), extra=timeout, secrets=True)

    @property
    def _plan(self) -> Path:
        return self.runner.folder.plan

    def _show(self) -> Mapping[str, Any]:
        text = self._run(show_argv(self._plan))
        try:
            plan: Mapping[str, Any] = json.loads(text)
        except ValueError:  # its text is nobody's to see, and so no cause of this
            raise TerraformFailed("show", errors="`terraform show -json` printed no JSON.") from None
        return plan

    def _run(self, argv: tuple[str, ...], *, extra: float = 0.0, secrets: bool = False) -> str:
        """Run a step, named after its command; ephemeral variables go to those that need them only."""
        name = argv[0]
        step = Step(
            name=name,
            argv=(*self.engine.argv, *argv),
            env={**self.env, **(secret_environment(self.job) if secrets else {})},
            deadline=self.limits.steps[name] + extra,
            secret=name == "show",
        )
        return self.runner.run(step)

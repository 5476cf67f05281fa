"""TerraformCli: the `Terraform` port over Terraform's own command line."""

import contextlib
import functools
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from controller.edge.guarded import Rule
from controller.edge.terraform.disk import disk_of
from controller.edge.terraform.engine import Engine
from controller.edge.terraform.environment import base_environment, job_environment
from controller.edge.terraform.folder import Folder, open_folder, write_private
from controller.edge.terraform.mirror import find_origin
from controller.edge.terraform.providers import Providers
from controller.edge.terraform.session import Limits, Session
from controller.edge.terraform.step import Runner
from controller.errors import TerraformAbsent
from controller.ports import Job, Pulse

DEADLINES: Mapping[str, float] = {
    "init": 600,
    "plan": 600,
    "show": 600,
    "apply": 3600,
    "pull": 600,
    "push": 600,
    "unlock": 600,
}
"""Seconds that each step may take, waiting for the state's lock not counted."""

LOCK_TIMEOUT = 660.0
"""Seconds to wait for the state's lock: a worker's guard gives a former Terraform 600 s to save its state."""

_VERSION_TIMEOUT = 60.0


class TerraformCli:
    """Terraform, run under the guard.

    Args:
        data: the data directory; states, workspaces and rescued states are below it.
        engine: which Terraform.
        deadlines: seconds for the steps named in `DEADLINES`, and those where a step is not named.
        mirror: the only place to take providers from; None to look for one, and to ask registries for the rest.
        rule: how a step is stopped.
        lock_timeout: seconds to wait for the state's lock.
    """

    def __init__(
        self,
        data: Path,
        engine: Engine,
        *,
        deadlines: Mapping[str, float] | None = None,
        mirror: Path | None = None,
        rule: Rule | None = None,
        lock_timeout: float = LOCK_TIMEOUT,
    ) -> None:
        self._data = data.absolute()
        self._engine = engine
        self._limits = Limits({**DEADLINES, **(deadlines or {})}, lock_timeout)
        self._mirror = mirror
        self._rule = rule or Rule()

    def version(self) -> str:
        """Like `Terraform v1.11.4`.

        Raises:
            TerraformAbsent: it does not run.
        """
        argv = (*self._engine.argv, "version")
        try:
            ran = subprocess.run(
                argv,
                env=base_environment(os.environ),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_VERSION_TIMEOUT,
                check=True,
                text=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise TerraformAbsent(f"`{self._engine.name}` is there but does not run: {error}") from error
        return ran.stdout.partition("\n")[0]

    @contextlib.contextmanager
    def session(self, job: Job, pulse: Pulse, log: Callable[[str], None]) -> Iterator[Session]:
        """A directory for one run, gone afterwards; `log` is called with readable text as steps print it."""
        with contextlib.ExitStack() as stack:
            with disk_of(self._data, "init"):
                folder = stack.enter_context(open_folder(self._data, job))
                env = self._environment(job, folder)
            yield Session(
                engine=self._engine,
                job=job,
                providers=self._providers,
                runner=Runner(folder, pulse, self._rule, log),
                limits=self._limits,
                env=env,
                state=self._data / "states" / f"{job.request.key}.tfstate",
            )

    @functools.cached_property
    def _providers(self) -> Providers:
        """The machine is searched once, as the first run begins."""
        providers = Providers(self._data, self._engine, find_origin(self._mirror, os.environ))
        providers.store.mkdir(
            mode=0o700, parents=True, exist_ok=True
        )  # a mirror that is not there is an error
        return providers

    def _environment(self, job: Job, folder: Folder) -> Mapping[str, str]:
        write_private(folder.config, b"")  # an init's to fill
        return job_environment(job, os.environ, folder.config)

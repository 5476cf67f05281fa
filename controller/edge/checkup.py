"""The checkup: whether this machine can carry out runs just now, and if not, what keeps it from that."""

import math
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile

from controller.errors import TerraformAbsent
from controller.ports import Terraform

WELL, ILL = 300.0, 10.0
"""Seconds until Terraform is asked again what it is, by its last answer: each answer is a process of its own."""


class MachineCheckup:
    """The `Checkup` port: Terraform runs, its folder can be written to, and there is room left.

    Args:
        terraform: which has to run.
        data: the folder that runs work in.
        least: bytes that must be free there; 0 asks nobody.
        clock: seconds.
    """

    def __init__(
        self, terraform: Terraform, data: Path, least: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._terraform, self._data, self._least, self._clock = terraform, data, least, clock
        self._until = -math.inf
        self._missing = ""
        self.terraform = ""

    def __call__(self, *, afresh: bool = False) -> str:
        """See `ports.Checkup`; `terraform` is what it said of itself by then."""
        if afresh or self._clock() >= self._until:
            self._ask()
        return self._missing or self._disk()

    def _ask(self) -> None:
        try:
            self.terraform, self._missing = self._terraform.version(), ""
        except TerraformAbsent as absent:
            self.terraform, self._missing = "", str(absent)
        self._until = self._clock() + (ILL if self._missing else WELL)

    def _disk(self) -> str:
        try:
            with NamedTemporaryFile(dir=self._data, prefix=".checkup-") as probe:
                probe.write(b"Can this be written?\n")
            free = shutil.disk_usage(self._data).free
        except OSError as error:
            return f"{self._data} cannot be written to ({error.strerror}): free or mend that disk."
        if free >= self._least:
            return ""
        return (
            f"{self._data} has {free // 10**6} MB left, and a run is only begun with {self._least // 10**6} MB "
            "(INFRAUTOMATER_LEAST_DISK): make room there."
        )

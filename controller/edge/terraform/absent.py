"""No Terraform at all: the worker works on, and every run says what is missing."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from controller.errors import TerraformAbsent
from controller.ports import Job, Pulse, TerraformSession


class AbsentTerraform:
    """The `Terraform` port where none was found."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def version(self) -> str:
        """Raises TerraformAbsent, always."""
        raise TerraformAbsent(self._reason)

    def session(
        self,
        job: Job,  # noqa: ARG002 -- the port's shape
        pulse: Pulse,  # noqa: ARG002 -- the port's shape
        log: Callable[[str], None],
    ) -> AbstractContextManager[TerraformSession]:
        """Raises TerraformAbsent, always."""
        log(self._reason + "\n")
        raise TerraformAbsent(self._reason)

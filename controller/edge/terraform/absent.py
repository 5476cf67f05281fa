"""No Terraform as yet: it is looked for again each time that somebody needs it."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from controller.errors import TerraformAbsent
from controller.ports import Job, Pulse, Terraform, TerraformSession


class AbsentTerraform:
    """The `Terraform` port where none was found; whoever installs one need not restart this process.

    Args:
        find: Terraform, if it is there by now; raises TerraformAbsent.
    """

    def __init__(self, find: Callable[[], Terraform]) -> None:
        self._find = find
        self._found: Terraform | None = None

    def version(self) -> str:
        """Raises TerraformAbsent as long as there is none."""
        return self._terraform().version()

    def session(
        self, job: Job, pulse: Pulse, log: Callable[[str], None]
    ) -> AbstractContextManager[TerraformSession]:
        """Raises TerraformAbsent as long as there is none."""
        try:
            return self._terraform().session(job, pulse, log)
        except TerraformAbsent as absent:
            log(f"{absent}\n")
            raise

    def _terraform(self) -> Terraform:
        if self._found is None:
            self._found = self._find()
        return self._found

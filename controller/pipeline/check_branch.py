"""check_branch: whether the files on the default branch's tip can be read is said there; a bad one stops nothing else."""

from controller.core.findings import findings
from controller.core.pull import Status, StatusState
from controller.core.summary import VALIDATE, many
from controller.pipeline.look import catalogue_of, look, mistakes_of, trusted_blobs
from controller.pipeline.turn import single_flight
from controller.ports import Ports


def check_branch(ports: Ports) -> None:
    """Set the status `infrautomater/validate` of the default branch's commit that was last reconciled.

    Raises:
        GitError: it cannot be fetched.
        GitHubError: the status cannot be set; whoever called is to call again.
    """
    single_flight(ports, "branch", lambda: _check(ports))


def _check(ports: Ports) -> None:
    tip = ports.views.reconciled()
    if tip is None:
        return
    blobs = trusted_blobs(ports, tip)
    wrong = findings(look(ports, tip, catalogue_of(blobs)), mistakes_of(ports, blobs))
    state = StatusState.FAILURE if wrong else StatusState.SUCCESS
    words = f"{many(len(wrong), 'mistake')}: {wrong[0]}" if wrong else "every request can be read"
    ports.github.set_status(Status(tip, VALIDATE, state, words))

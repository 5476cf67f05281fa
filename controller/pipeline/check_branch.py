"""check_branch: whether the files on the default branch's tip can be read is said there; a bad one stops nothing else."""

from collections.abc import Sequence

from controller.core.findings import findings
from controller.core.pull import Status, StatusState
from controller.core.rejection import Rejection
from controller.core.summary import VALIDATE, many
from controller.errors import GitError
from controller.pipeline.look import catalogue_blobs, catalogue_of, look, mistakes_of
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
    wrong = _findings(ports, tip)
    state = StatusState.FAILURE if wrong else StatusState.SUCCESS
    words = f"{many(len(wrong), 'mistake')}: {wrong[0]}" if wrong else "every request can be read"
    ports.github.set_status(Status(tip, VALIDATE, state, words))


def _findings(ports: Ports, tip: str) -> Sequence[Rejection]:
    """What is wrong with a commit's files; it was fetched by whoever reconciled it, if that was on this machine."""
    try:
        blobs = catalogue_blobs(ports, tip)
    except GitError:
        ports.git.fetch(tip)
        blobs = catalogue_blobs(ports, tip)
    return findings(look(ports, tip, catalogue_of(blobs)), mistakes_of(ports, blobs))

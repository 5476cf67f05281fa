"""resolve: what a person wants with one run."""

from controller.pipeline.send import send
from controller.ports import Ports, Release, Retry, Withdrawal


def resolve(ports: Ports, run: int, resolution: Release | Withdrawal | Retry) -> None:
    """Release, withdraw or retry a run, and wake whom it concerns.

    Raises:
        UnknownRun: there is no such run.
        IllegalTransition: the run is not where this can be done.
    """
    send(ports, ports.ledger.resolve(run, resolution))

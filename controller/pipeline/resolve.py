"""resolve: what a person wants with one run."""

from controller.core.change import Destroy
from controller.core.run import Ended, Held, Run
from controller.errors import IllegalTransition
from controller.pipeline.reconcile import preview
from controller.pipeline.send import send
from controller.ports import Ports, Release, Retry, Withdrawal


def resolve(ports: Ports, run: int, resolution: Release | Withdrawal | Retry) -> None:
    """Release, withdraw or retry a run, and wake whom it concerns.

    Raises:
        UnknownRun: there is no such run.
        IllegalTransition: the run is not where this can be done, or the default branch does not want it any more.
    """
    view = ports.views.run(run)
    if view is not None and _goes_on(view.run, resolution):
        _check_it_is_wanted(ports, view.run)
    send(ports, ports.ledger.resolve(run, resolution))


def _goes_on(run: Run, resolution: Release | Withdrawal | Retry) -> bool:
    """Whether something would be applied or destroyed after all."""
    match resolution:
        case Release():
            return isinstance(run.state, Held)
        case Retry():
            return isinstance(run.state, Ended) and not run.operation.only_plans
        case Withdrawal():
            return False


def _check_it_is_wanted(ports: Ports, run: Run) -> None:
    """The default branch may have moved since the run was held or failed, and no reconcile have seen it."""
    wanted = {(change.request.id, change.digest, isinstance(change, Destroy)) for change in preview(ports)}
    if (run.request, run.digest, run.operation.destroys) not in wanted:
        raise IllegalTransition(f"the default branch does not want run {run.id} any more")

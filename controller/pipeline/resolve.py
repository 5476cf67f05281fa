"""resolve: what a person wants with one run."""

from collections.abc import Iterable

from controller.core.change import Destroy
from controller.core.decision import Decision
from controller.core.run import Ended, Held, Run
from controller.core.wish import Acceptance, Confirmation, Release, Retry, Wish
from controller.errors import IllegalTransition
from controller.pipeline.reconcile import preview
from controller.pipeline.send import send
from controller.ports import Ports


def resolve(ports: Ports, run: int, wish: Wish) -> None:
    """Release, withdraw or retry a run, and wake whom it concerns.

    Raises:
        UnknownRun: there is no such run.
        IllegalTransition: the run is not where this can be done, or the default branch does not want it any more.
    """
    view = ports.views.run(run)
    if view is not None:
        check_wanted(ports, [(view.run, wish)])
    send(ports, ports.ledger.commit(Decision(wishes=((run, wish),))))


def check_wanted(ports: Ports, wishes: Iterable[tuple[Run, Wish]]) -> None:
    """See that the default branch still wants what would go on.

    It may have moved since a run was held or failed, and no reconcile have seen it.

    Raises:
        IllegalTransition: it does not.
    """
    going_on = [run for run, wish in wishes if _goes_on(run, wish)]
    if not going_on:
        return
    wanted = {(change.request.id, change.digest, isinstance(change, Destroy)) for change in preview(ports)}
    for run in going_on:
        if (run.request, run.digest, run.operation.destroys) not in wanted:
            raise IllegalTransition(
                f"the default branch does not want `{run.request.name}` as run {run.id} has it any more: "
                "a later merge decides about it"
            )


def _goes_on(run: Run, wish: Wish) -> bool:
    """Whether something would be applied or destroyed after all."""
    match wish:
        case Release() | Acceptance() | Confirmation():
            return isinstance(run.state, Held)
        case Retry():
            return isinstance(run.state, Ended) and not run.operation.only_plans
        case _:
            return False

"""resolve: what a person wants with one run."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace

from controller.core.call import Call
from controller.core.change import Destroy
from controller.core.decision import Basis, Decision
from controller.core.run import Ended, Held, Run
from controller.core.wish import Acceptance, Confirmation, Release, Retry, Wish
from controller.errors import IllegalTransition, Overtaken
from controller.pipeline.reconcile import preview
from controller.pipeline.send import send
from controller.ports import Ports

LOOKS = 5
"""So often a decision is made anew that was overtaken."""


def resolve(ports: Ports, run: int, wish: Wish) -> None:
    """Release, withdraw or retry a run, and wake whom it concerns.

    Raises:
        UnknownRun: there is no such run.
        IllegalTransition: the run is not where this can be done, or the default branch does not want it any more.
    """
    view = ports.views.run(run)
    about = {run: view.run} if view is not None else {}
    send(ports, fulfil(ports, Decision(wishes=((run, wish),)), about))


def fulfil(ports: Ports, decision: Decision, runs: Mapping[int, Run]) -> tuple[Call, ...]:
    """Record what people want with runs, as long as the default branch wants what would go on; the calls to send.

    Args:
        ports: the world.
        decision: has the wishes.
        runs: those that the wishes are about, by number.

    Raises:
        IllegalTransition: a run is not where this can be done, or the default branch does not want it any more.
        Overtaken: the default branch was reconciled again during each of several looks at it.
    """
    wishes = [(runs[number], wish) for number, wish in decision.wishes if number in runs]
    for _ in range(LOOKS - 1):
        with suppress(Overtaken):
            return _fulfil(ports, decision, wishes)
    return _fulfil(ports, decision, wishes)


def _fulfil(ports: Ports, decision: Decision, wishes: Iterable[tuple[Run, Wish]]) -> tuple[Call, ...]:
    basis = Basis(ports.views.reconciled())
    _check_wanted(ports, wishes)
    return ports.ledger.commit(replace(decision, basis=basis))


def _check_wanted(ports: Ports, wishes: Iterable[tuple[Run, Wish]]) -> None:
    """See that the default branch still wants what would go on: no reconcile may have seen it since a run was held."""
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

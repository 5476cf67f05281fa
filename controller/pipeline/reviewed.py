"""Reviewed: what people saw of a change before they merged it, and whose word was given for it."""

from collections.abc import Iterator
from dataclasses import dataclass

from controller.core.change import Change, Destroy
from controller.core.covers import covers
from controller.core.outcome import Planned
from controller.core.plan import Plan
from controller.core.run import Ended, Run
from controller.pipeline.origin import Origin
from controller.ports import Ports, RunQuery


@dataclass(frozen=True)
class Reviewed:
    """The plan of a change that people saw in the pull they merged, None where there was none, and who confirmed it.

    `shows` tells whether the pull could show any: it cannot where the catalogue was changed, or the controller's own renderer.
    """

    plan: Plan | None
    confirmed: str = ""
    shows: bool = True


def reviewed(ports: Ports, change: Change, origin: Origin) -> Reviewed:
    """What people saw of a change before they merged it."""
    if origin.pull is None:
        return Reviewed(None)
    shown = tuple(_shown(ports, change, origin))
    if not shown:
        return Reviewed(None, shows=origin.shows)
    _, newest = shown[0]
    # What was confirmed is that plan, whatever was planned for the pull since.
    return Reviewed(newest, next((run.confirmed for run, plan in shown if _confirms(run, plan, newest)), ""))


def _shown(ports: Ports, change: Change, origin: Origin) -> Iterator[tuple[Run, Plan]]:
    """The plans that the pull showed of this change, newest first."""
    if origin.pull is None or origin.asked is None:
        return
    for view in ports.views.runs(RunQuery(request=change.request.id, pull=origin.pull.number)):
        run, plan = view.run, _plan(view.run)
        same = run.operation.destroys is isinstance(change, Destroy)
        if plan is not None and same and run.digest == origin.asked.digest:
            yield run, plan


def _confirms(run: Run, plan: Plan, newest: Plan) -> bool:
    return bool(run.confirmed) and covers(plan, newest)


def _plan(run: Run) -> Plan | None:
    outcome = run.state.outcome if isinstance(run.state, Ended) else None
    return outcome.plan if run.operation.only_plans and isinstance(outcome, Planned) else None

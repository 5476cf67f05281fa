"""Reviewed: what people saw of a change before they merged it, and whose word was given for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.core.change import Change, Destroy
from controller.core.covers import covers
from controller.core.outcome import Planned
from controller.core.plan import Plan
from controller.core.run import Ended, Run
from controller.pipeline.origin import Origin
from controller.ports import Ports, RunQuery

CLOCKS = timedelta(seconds=10)
"""How far GitHub's clock and ours may be apart."""


@dataclass(frozen=True)
class Reviewed:
    """The plan of a change that people saw in the pull they merged, None where there was none, and who confirmed it.

    `shows` tells whether the pull could show any: it cannot where the catalogue was changed, or the controller's own renderer.
    """

    plan: Plan | None
    confirmed: str = ""
    shows: bool = True


@dataclass(frozen=True)
class Shown:
    """A plan that a pull showed, and when it was made."""

    run: Run
    plan: Plan
    made: datetime


def reviewed(ports: Ports, change: Change, origin: Origin) -> Reviewed:
    """What people saw of a change before they merged it."""
    if origin.pull is None:
        return Reviewed(None)
    shown = tuple(_shown(ports, change, origin))
    if not shown:
        return Reviewed(None, shows=origin.shows)
    plan = _approved(shown, origin)
    # What was confirmed is that plan, whatever was planned for the pull since.
    return Reviewed(plan, next((each.run.confirmed for each in shown if _confirms(each, plan)), ""))


def _approved(shown: Sequence[Shown], origin: Origin) -> Plan:
    """The plan that was there when the change was approved, the newest where nobody needs to; a quick approver waited for the first."""
    since = origin.approval.since if origin.approval and origin.approval.required else None
    seen = (each.plan for each in shown if since is None or each.made <= since + CLOCKS)
    return next(seen, shown[-1].plan)


def _shown(ports: Ports, change: Change, origin: Origin) -> Iterator[Shown]:
    """The plans that the pull showed of this change, newest first."""
    if origin.pull is None or origin.asked is None:
        return
    for view in ports.views.runs(RunQuery(request=change.request.id, pull=origin.pull.number)):
        run, plan = view.run, _plan(view.run)
        same = run.operation.destroys is isinstance(change, Destroy)
        if plan is not None and same and run.digest == origin.asked.digest:
            yield Shown(run, plan, view.ended or view.created)


def _confirms(each: Shown, plan: Plan) -> bool:
    return bool(each.run.confirmed) and covers(each.plan, plan)


def _plan(run: Run) -> Plan | None:
    outcome = run.state.outcome if isinstance(run.state, Ended) else None
    return outcome.plan if run.operation.only_plans and isinstance(outcome, Planned) else None

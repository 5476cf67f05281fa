"""Row: one request of an open pull, and how far it is planned."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from controller.core.change import Change, Destroy
from controller.core.cost import CostChange
from controller.core.covers import covers
from controller.core.environment import DestroyRule, Mode
from controller.core.identity import RequestId
from controller.core.kind import Kind
from controller.core.outcome import Failed, Interrupted, Outcome, Planned, Withdrawn
from controller.core.plan import Action, Plan
from controller.core.proposal import Proposal, rivals
from controller.core.run import Ended, Run
from controller.core.summary.ending import Ending, ending
from controller.core.summary.facts import PlanFacts
from controller.core.summary.happening import Happening, what_happens
from controller.core.verdict import Risk

_FINITE = {"destroy": "destroys", "replace": "replaces", "destroy parts of": "destroys parts of"}


@dataclass(frozen=True)
class Row:
    """One request of a pull.

    Attributes:
        change: what happens to it.
        run: the run that plans it, None before there is one.
        rivals: the numbers of other open pulls that are about it.
        cost: what it does to the bill.
        kind: its kind, None where the catalogue has none of the name.
        rule: what its environment says of destroys.
        busy: a run that is about to change what it stands at, so that its plan is made again.
        was_planned: whether there is a plan of it, of whatever content.
        end: what would end, None where nothing would.
        confirmed: who confirmed that, of this plan or of one that covers it.
    """

    change: Change
    run: Run | None
    rivals: tuple[int, ...] = ()
    cost: CostChange | None = None
    kind: Kind | None = None
    rule: DestroyRule = DestroyRule.CONFIRM
    busy: int | None = None
    was_planned: bool = False
    end: Ending | None = None
    confirmed: str = ""

    @property
    def id(self) -> RequestId:
        return self.change.request.id

    @property
    def planned(self) -> Planned | None:
        """Its plan, as long as that is to be believed."""
        return self._outcome if isinstance(self._outcome, Planned) and self.busy is None else None

    @property
    def plan(self) -> Plan | None:
        return self.planned.plan if self.planned else None

    @property
    def risk(self) -> Risk | None:
        return self.planned.verdict.risk if self.planned else None

    @property
    def failed(self) -> Failed | None:
        return self._outcome if isinstance(self._outcome, Failed) else None

    @property
    def stopped(self) -> Interrupted | Withdrawn | None:
        """Why there is no plan, and none will come by itself."""
        return self._outcome if isinstance(self._outcome, Interrupted | Withdrawn) else None

    @property
    def has_ended(self) -> bool:
        """Whether all is known that will be known by itself."""
        return bool(self.planned or self.failed or self.stopped)

    @property
    def is_outdated(self) -> bool:
        """Whether there was a plan, and another is made."""
        return not self.has_ended and (self.was_planned or self.busy is not None)

    @property
    def happens(self) -> Happening:
        return what_happens(self.change, self.plan, self.kind)

    @property
    def ends_something(self) -> bool:
        """Whether the merge would end what is there; where merges only plan, nothing ends."""
        applies = self.run is not None and self.run.mode is Mode.APPLY
        return applies and self.plan is not None and self.plan.ends_something

    @property
    def is_refused(self) -> bool:
        return self.ends_something and self.rule is DestroyRule.REFUSE

    @property
    def awaits_confirmation(self) -> bool:
        return self.ends_something and self.rule is DestroyRule.CONFIRM and not self.confirmed

    @property
    def deed(self) -> str:
        """What would be done to what is there."""
        if isinstance(self.change, Destroy):
            return "destroy"
        ended = {resource.action for resource in self.plan.resources if resource.ends} if self.plan else set()
        return "replace" if Action.REPLACE in ended else "destroy parts of"

    @property
    def danger(self) -> str:
        """`destroys orders (database, stateful)`: what is to be looked at twice."""
        held = ", stateful" if self.kind and self.kind.format.stateful else ""
        return f"{_FINITE[self.deed]} {self.id.name} ({self.id.kind}{held})"

    @property
    def _outcome(self) -> Outcome | None:
        return self.run.state.outcome if self.run and isinstance(self.run.state, Ended) else None


def rows(facts: PlanFacts) -> tuple[Row, ...]:
    """Every request of the pull, in the order of the files."""
    ordered = sorted(facts.proposal.changes, key=lambda change: (change.request.path, change.request.id))
    known = _Known(
        _plans(facts.runs),
        frozenset(run.request for run in facts.runs if _made_a_plan(run)),
        rivals(facts.proposal, facts.others),
        {cost.request: cost for cost in facts.proposal.costs},
    )
    return tuple(_row(change, facts, known) for change in ordered)


_Work = tuple[RequestId, str, bool]


@dataclass(frozen=True)
class _Known:
    """The facts, by request."""

    plans: Mapping[_Work, Run]
    planned: frozenset[RequestId]
    rivals: tuple[Proposal, ...]
    costs: Mapping[RequestId, CostChange]


def _row(change: Change, facts: PlanFacts, known: _Known) -> Row:
    identity = change.request.id
    kind = facts.catalogue.kinds.get(identity.kind)
    environment = facts.catalogue.environments.get(identity.environment)
    row = Row(
        change,
        known.plans.get((identity, change.digest, isinstance(change, Destroy))),
        tuple(other.pull.number for other in known.rivals if identity in other.requests),
        known.costs.get(identity),
        kind,
        environment.format.destroy if environment else DestroyRule.CONFIRM,
        facts.busy.get(identity),
        identity in known.planned,
    )
    if row.plan is None or not row.plan.ends_something:
        return row
    return replace(row, end=ending(change, kind, facts), confirmed=_confirmed(row, row.plan, facts.runs))


def _confirmed(row: Row, plan: Plan, runs: Iterable[Run]) -> str:
    """Who confirmed what would end; what was said of a former plan holds as long as that one covers this."""
    work = (row.id, row.change.digest, isinstance(row.change, Destroy))
    for run in runs:
        outcome = run.state.outcome if isinstance(run.state, Ended) else None
        same = (run.request, run.digest, run.operation.destroys) == work
        if same and run.confirmed and isinstance(outcome, Planned) and covers(outcome.plan, plan):
            return run.confirmed
    return ""


def _plans(runs: Iterable[Run]) -> Mapping[_Work, Run]:
    """The newest plan of each piece of work."""
    newest: dict[_Work, Run] = {}
    for run in runs:
        if run.operation.only_plans:
            newest.setdefault((run.request, run.digest, run.operation.destroys), run)
    return newest


def _made_a_plan(run: Run) -> bool:
    is_made = isinstance(run.state, Ended) and isinstance(run.state.outcome, Planned)
    return is_made and run.operation.only_plans

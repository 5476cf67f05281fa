"""Summary: what people are told about a pull, before any word is laid out.

The same value makes the comment's first line and the statuses, so that they never disagree.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from controller.core.approval import Approval
from controller.core.change import Change, Create, Destroy, ParameterChange, Update
from controller.core.cost import CostChange
from controller.core.environment import Mode
from controller.core.identity import RequestId
from controller.core.outcome import (
    Applied,
    Destroyed,
    Failed,
    Interrupted,
    Outcome,
    Planned,
    Superseded,
    Withdrawn,
)
from controller.core.parameter import Rule
from controller.core.plan import Action, Plan
from controller.core.proposal import Proposal, rivals
from controller.core.pull import Status, StatusState
from controller.core.rejection import Rejection
from controller.core.run import Ended, Held, Run, Running
from controller.core.verdict import Risk

VALIDATE, PLAN, APPROVAL, APPLY = (
    f"infrautomater/{name}" for name in ("validate", "plan", "approval", "apply")
)

_FEW = 5
_RULES = {
    Rule.FREE: "",
    Rule.IN_PLACE: "in place",
    Rule.DOWNTIME: "with a restart",
    Rule.REPLACE: "made anew",
    Rule.GROW_ONLY: "grows",
    Rule.FORBIDDEN: "",
}


@dataclass(frozen=True)
class Row:
    """One request of a pull: what happens to it, and the run that says so (None before there is one).

    `rivals` are the numbers of other open pulls that are about it.
    """

    change: Change
    run: Run | None
    rivals: tuple[int, ...] = ()
    cost: CostChange | None = None

    @property
    def plan(self) -> Plan | None:
        return self.planned.plan if self.planned else None

    @property
    def planned(self) -> Planned | None:
        return self._outcome if isinstance(self._outcome, Planned) else None

    @property
    def failed(self) -> Failed | None:
        return self._outcome if isinstance(self._outcome, Failed) else None

    @property
    def _outcome(self) -> Outcome | None:
        return self.run.state.outcome if self.run and isinstance(self.run.state, Ended) else None


@dataclass(frozen=True)
class PlanSummary:
    """An open pull: its verdict in one line, its rows, and what its statuses say."""

    proposal: Proposal
    rows: tuple[Row, ...]
    headline: str
    statuses: tuple[Status, ...]

    @property
    def rehearsed(self) -> tuple[str, ...]:
        """The environments in which the merge would apply nothing."""
        return _rehearsed(self.rows)

    @property
    def applies(self) -> bool:
        """Whether the merge would apply anything at all."""
        return not self.rehearsed or any(
            row.change.request.id.environment not in self.rehearsed for row in self.rows
        )


@dataclass(frozen=True)
class ResultSummary:
    """A merged pull (or a commit that no pull brought): its runs, newest of each request, and their verdict in one line."""

    runs: tuple[Run, ...]
    headline: str
    status: Status
    rejections: tuple[Rejection, ...] = ()


def summarise_plan(
    proposal: Proposal, runs: Sequence[Run], approvals: Sequence[Approval], others: Sequence[Proposal] = ()
) -> PlanSummary:
    """What an open pull's comment and statuses say.

    Args:
        proposal: what the pull would change.
        runs: the pull's, newest first.
        approvals: those of each environment that it touches.
        others: the proposals of all open pulls.
    """
    plans: dict[tuple[RequestId, str, bool], Run] = {}
    for run in runs:
        if run.operation.only_plans:
            plans.setdefault((run.request, run.digest, run.operation.destroys), run)
    rows = tuple(
        Row(
            change,
            plans.get((change.request.id, change.digest, isinstance(change, Destroy))),
            tuple(
                other.pull.number for other in rivals(proposal, others) if change.request.id in other.requests
            ),
            next((cost for cost in proposal.costs if cost.request == change.request.id), None),
        )
        for change in proposal.changes
    )
    headline = _plan_headline(proposal, rows)
    return PlanSummary(proposal, rows, headline, _plan_statuses(proposal, rows, approvals, headline))


def summarise_result(runs: Iterable[Run], commit: str, rejections: Sequence[Rejection] = ()) -> ResultSummary:
    """What became of a merged pull's changes.

    Args:
        runs: the pull's, newest first.
        commit: the merge.
        rejections: what was wrong with the pull when it was merged: those files changed nothing.
    """
    latest: dict[str, Run] = {}
    for run in runs:
        if not run.operation.only_plans:
            latest.setdefault(run.request.key, run)
    shown = tuple(latest[key] for key in sorted(latest))
    state, headline = _result(shown)
    if rejections and state is not StatusState.FAILURE:
        state, headline = StatusState.FAILURE, f"Not all was done: {many(len(rejections), 'mistake')}"
    return ResultSummary(shown, headline, Status(commit, APPLY, state, headline), tuple(rejections))


def what_happens(change: Change) -> str:
    """A change in the request's own words."""
    kind = change.request.id.kind
    match change:
        case Create():
            return f"a new `{kind}`"
        case Destroy():
            return f"the `{kind}` is destroyed"
        case Update(parameters=()) if change.before.team != change.request.team:
            return f"it moves from `{change.before.team}` to `{change.request.team}`"
        case Update(parameters=()):
            return "the catalogue changed, the request did not"
        case Update(parameters=parameters):
            return "; ".join(_parameter(parameter) for parameter in parameters)


def count_words(plan: Plan) -> str:
    """`1 to create, 2 to change`; the plan's counts in words."""
    counts = {
        "to create": plan.count(Action.CREATE),
        "to change": plan.count(Action.UPDATE),
        "to replace": plan.count(Action.REPLACE),
        "to destroy": plan.count(Action.DELETE),
        "to forget": plan.count(Action.FORGET),
    }
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "no changes"


def many(count: int, noun: str) -> str:
    """`1 request`, `2 requests`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _listed(words: Sequence[str], joint: str = ", ") -> str:
    """The first few, and how many more: a headline has one line, and a status 140 characters."""
    more = f" and {len(words) - _FEW} more" if len(words) > _FEW else ""
    return joint.join(words[:_FEW]) + more


def _parameter(change: ParameterChange) -> str:
    how = f" ({_RULES[change.rule]})" if _RULES[change.rule] else ""
    return f"{change.name} `{_value(change.before)}` → `{_value(change.after)}`{how}"


def _value(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return (text if len(text) <= 40 else text[:39] + "…") or " "


def _plan_headline(proposal: Proposal, rows: Sequence[Row]) -> str:
    if proposal.conflicts:
        return "Cannot merge: it conflicts with the default branch"
    if proposal.rejections:
        return f"Cannot merge: {many(len(proposal.rejections), 'mistake')}"
    failed = [row.change.request.id.name for row in rows if row.failed]
    if failed:
        return f"Cannot merge: the plan of {_listed(failed)} failed"
    if any(row.planned is None for row in rows):
        return f"Planning {many(len(rows), 'change')}"
    ready = _ready(proposal, rows) if rows else _without_changes(proposal)
    return ("Draft: " if proposal.pull.draft else "") + ready


def _without_changes(proposal: Proposal) -> str:
    if proposal.replanned:
        return (
            f"Plans {many(len(proposal.replanned), 'request')} again after the merge, and holds what changes"
        )
    return "Planned after the merge, and held then" if proposal.deferred else "Ready: nothing changes"


def _ready(proposal: Proposal, rows: Sequence[Row]) -> str:
    risks = {row.planned.verdict.risk for row in rows if row.planned}
    dry = f"; plan only in {_listed(_rehearsed(rows))}" if _rehearsed(rows) else ""
    if Risk.HIGH in risks:
        return f"Needs a second look: {_dangers(rows)}{dry}"
    destroyed = [_named(row) for row in rows if isinstance(row.change, Destroy)]
    destroys = f", destroys {_listed(destroyed)}" if destroyed else ""
    risk = "no" if risks <= {Risk.NONE} else "low"
    again = f"; plans {many(len(proposal.replanned), 'request')} again" if proposal.replanned else ""
    return f"Ready: {many(len(rows), 'change')}, {risk} risk{destroys}{again}{dry}"


def _rehearsed(rows: Sequence[Row]) -> tuple[str, ...]:
    runs = (row.run for row in rows if row.run)
    return tuple(sorted({run.request.environment for run in runs if run.mode is Mode.PLAN_ONLY}))


def _dangers(rows: Sequence[Row]) -> str:
    risky = [row for row in rows if row.planned and row.planned.verdict.risk is Risk.HIGH]
    verbs = {True: "destroys", False: "replaces or destroys parts of"}
    dangers = [f"{verbs[isinstance(row.change, Destroy)]} {_named(row)}, which holds data" for row in risky]
    return _listed(dangers, "; ")


def _named(row: Row) -> str:
    return f"{row.change.request.id.name} ({row.change.request.id.kind})"


def _plan_statuses(
    proposal: Proposal, rows: Sequence[Row], approvals: Sequence[Approval], headline: str
) -> tuple[Status, ...]:
    commit = proposal.pull.head
    if not proposal.touches_requests:
        words = "no requests in this pull"
        return tuple(
            Status(commit, context, StatusState.SUCCESS, words) for context in (VALIDATE, PLAN, APPROVAL)
        )
    wrong = bool(proposal.conflicts or proposal.rejections)
    validate = (
        (StatusState.FAILURE, headline) if wrong else (StatusState.SUCCESS, "every request can be read")
    )
    return (
        Status(commit, VALIDATE, *validate),
        Status(commit, PLAN, _plan_state(rows, wrong=wrong), headline),
        Status(commit, APPROVAL, *_approval(approvals)),
    )


def _plan_state(rows: Sequence[Row], *, wrong: bool) -> StatusState:
    if wrong or any(row.failed for row in rows):
        return StatusState.FAILURE
    if any(row.planned is None for row in rows):
        return StatusState.PENDING
    return StatusState.SUCCESS


def _approval(approvals: Sequence[Approval]) -> tuple[StatusState, str]:
    words = "; ".join(str(approval) for approval in approvals) or "nothing needs approval"
    given = all(approval.is_given for approval in approvals)
    return (StatusState.SUCCESS if given else StatusState.PENDING), words


def _result(runs: Sequence[Run]) -> tuple[StatusState, str]:
    """The status and the first line of a result; what went wrong comes first."""
    outcomes = [(run.request.name, run.state.outcome) for run in runs if isinstance(run.state, Ended)]
    failed = [name for name, outcome in outcomes if isinstance(outcome, Failed)]
    stopped = [name for name, outcome in outcomes if isinstance(outcome, Interrupted)]
    held = [run.request.name for run in runs if isinstance(run.state, Held)]
    going = [run for run in runs if not isinstance(run.state, Ended | Held)]
    if failed:
        return StatusState.FAILURE, f"Failed: {_listed(failed)}"
    if stopped:
        return StatusState.FAILURE, f"Interrupted: {_listed(stopped)}"
    if held:
        return StatusState.PENDING, f"Held for a person: {_listed(held)}"
    if going:
        word = "Destroying" if all(run.operation.destroys for run in going) else "Provisioning"
        verb = (
            word if any(isinstance(run.state, Running) for run in going) else f"{word} (waiting for a worker)"
        )
        return StatusState.PENDING, f"{verb}: {many(len(going), 'request')}"
    return StatusState.SUCCESS, _done([outcome for _, outcome in outcomes])


def _done(outcomes: Sequence[object]) -> str:
    words = {
        "provisioned": Applied,
        "destroyed": Destroyed,
        "planned only": Planned,
        "superseded": Superseded,
        "withdrawn": Withdrawn,
    }
    counts = {word: sum(isinstance(outcome, type_) for outcome in outcomes) for word, type_ in words.items()}
    said = ", ".join(f"{many(count, 'request')} {word}" for word, count in counts.items() if count)
    return f"Done: {said or 'nothing to do'}"

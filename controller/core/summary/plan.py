"""PlanSummary: an open pull."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from controller.core.approval import Approval
from controller.core.identity import RequestId
from controller.core.proposal import Proposal
from controller.core.pull import Status, StatusState
from controller.core.rejection import Rejection
from controller.core.summary.facts import APPROVAL, PLAN, VALIDATE, PlanFacts
from controller.core.summary.headline import Headline, are_told_each, headline, mass, not_asked_for, rehearsed
from controller.core.summary.next_step import before_merge
from controller.core.summary.row import Row, rows
from controller.core.verdict import Risk


@dataclass(frozen=True)
class PlanSummary:
    """What is told of an open pull.

    Attributes:
        proposal: what it would change.
        rows: its requests, in the order of the files.
        headline: the verdict in one line.
        statuses: what its statuses say.
        approvals: whose approvals count, by environment; none of those that want none.
        steps: what somebody does, or has done, about what does not go on by itself.
    """

    proposal: Proposal
    rows: tuple[Row, ...]
    headline: str
    statuses: tuple[Status, ...]
    approvals: tuple[Approval, ...] = ()
    steps: Mapping[RequestId, str] = field(default_factory=dict)

    @property
    def rejections(self) -> tuple[Rejection, ...]:
        """The mistakes, in the order of files and lines."""
        return tuple(sorted(self.proposal.rejections))

    @property
    def rehearsed(self) -> tuple[str, ...]:
        """The environments in which the merge would apply nothing."""
        return rehearsed(self.rows)

    @property
    def is_mergeable(self) -> bool:
        """Whether all is known that the merge would do, and nothing stands in its way."""
        return all(status.state is StatusState.SUCCESS for status in self.statuses if status.context == PLAN)

    @property
    def lacks_approval(self) -> bool:
        """Whether a merge now would be held for want of approvals."""
        return not all(approval.is_given for approval in self.approvals)

    @property
    def mass(self) -> int:
        """How many requests are destroyed at once, if these are so many that they are held."""
        return mass(self.rows)

    @property
    def applies(self) -> bool:
        """Whether the merge would apply anything at all."""
        return any(row.id.environment not in self.rehearsed for row in self.rows)

    @property
    def awaits_confirmation(self) -> bool:
        """Whether somebody must still confirm that something ends."""
        return any(row.awaits_confirmation for row in self.rows)

    @property
    def worst(self) -> tuple[Row, ...]:
        """The rows, those first that a person should see first."""
        return tuple(sorted(self.rows, key=_harmlessness))

    @property
    def counts(self) -> str:
        """`3 high risk, 497 low risk`: the rows by what is known of them."""
        counts: dict[str, int] = {}
        for row in self.worst:
            counts[_standing(row)] = counts.get(_standing(row), 0) + 1
        return ", ".join(f"{count} {words}" for words, count in counts.items())


def summarise_plan(facts: PlanFacts) -> PlanSummary:
    """What an open pull's comment and statuses say."""
    proposal, found = facts.proposal, rows(facts)
    verdict = headline(proposal, found)
    is_told = are_told_each(found) or bool(not_asked_for(proposal, found))
    shown = found if is_told else tuple(map(_unplanned, found))
    return PlanSummary(
        proposal,
        shown,
        verdict.words,
        _statuses(proposal, facts.approvals, verdict),
        tuple(approval for approval in facts.approvals if approval.required or not approval.is_given),
        dict(before_merge(shown, facts.catalogue)),
    )


def _unplanned(row: Row) -> Row:
    """The row as it was before its first plan, and is shown till all plans are made."""
    return replace(row, run=None, busy=None, was_planned=False, end=None)


def _harmlessness(row: Row) -> int:
    marks = (
        bool(row.failed or row.stopped),
        row.is_refused,
        row.awaits_confirmation,
        row.risk is Risk.HIGH,
        not row.has_ended,
        row.risk is Risk.LOW,
        True,
    )
    return marks.index(True)


def _standing(row: Row) -> str:
    if row.risk:
        return f"{row.risk.value} risk"
    return "not planned" if row.failed or row.stopped else "to be planned"


def _statuses(proposal: Proposal, approvals: Sequence[Approval], verdict: Headline) -> tuple[Status, ...]:
    commit = proposal.pull.head
    if not proposal.touches_requests:
        words = "no requests in this pull"
        return tuple(
            Status(commit, context, StatusState.SUCCESS, words) for context in (VALIDATE, PLAN, APPROVAL)
        )
    wrong = bool(proposal.conflicts or proposal.rejections)
    validate = (
        (StatusState.FAILURE, verdict.words) if wrong else (StatusState.SUCCESS, "every request can be read")
    )
    return (
        Status(commit, VALIDATE, *validate),
        Status(commit, PLAN, verdict.state, verdict.words),
        Status(commit, APPROVAL, *_approval(approvals)),
    )


def _approval(approvals: Sequence[Approval]) -> tuple[StatusState, str]:
    """The worst of them speaks for all."""
    words = "; ".join(str(approval) for approval in approvals) or "nothing needs approval"
    states = {approval.state for approval in approvals}
    worst = next((state for state in (StatusState.ERROR, StatusState.PENDING) if state in states), None)
    return worst or StatusState.SUCCESS, words

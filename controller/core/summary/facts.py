"""Facts: all that is known of a pull when somebody is to be told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from controller.core.approval import Approval
from controller.core.catalogue import Catalogue
from controller.core.identity import RequestId
from controller.core.proposal import Proposal
from controller.core.pull import Pull
from controller.core.rejection import Rejection
from controller.core.run import Run

VALIDATE, PLAN, APPROVAL, APPLY = (
    f"infrautomater/{name}" for name in ("validate", "plan", "approval", "apply")
)


@dataclass(frozen=True)
class PlanFacts:
    """What an open pull's comment and statuses are made from.

    Attributes:
        proposal: what the pull would change.
        runs: the pull's, newest first.
        catalogue: the default branch's.
        approvals: those of each environment that it touches.
        others: the proposals of all open pulls.
        born: since when what stands is there.
        now: the time.
        busy: the runs, waiting or under way, that are about to change what some of its requests stand at.
    """

    proposal: Proposal
    runs: Sequence[Run]
    catalogue: Catalogue
    approvals: Sequence[Approval] = ()
    others: Sequence[Proposal] = ()
    born: Mapping[RequestId, datetime] = field(default_factory=dict)
    now: datetime | None = None
    busy: Mapping[RequestId, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ResultFacts:
    """What is told of a merged pull, or of a commit that no pull brought.

    Attributes:
        commit: the merge.
        runs: the pull's, newest first.
        catalogue: the default branch's.
        pull: the pull, None where none brought the commit.
        rejections: what was wrong with the pull when it was merged: those files changed nothing.
        elsewhere: requests that the pull changed and that another pull's run carries out: that pull's number.
    """

    commit: str
    runs: Sequence[Run]
    catalogue: Catalogue
    pull: Pull | None = None
    rejections: Sequence[Rejection] = ()
    elsewhere: Mapping[RequestId, int] = field(default_factory=dict)

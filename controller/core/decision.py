"""Decision: what one look at the world leads to; the ledger records it in one transaction."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from controller.core.call import Call
from controller.core.change import Standing
from controller.core.identity import RequestId
from controller.core.outcome import Superseded, Withdrawn
from controller.core.proposal import Proposal
from controller.core.request import Request
from controller.core.run import Opening, Run
from controller.core.wish import Answer, Wish
from controller.core.workspace import Workspace


@dataclass(frozen=True)
class Register:
    """What the ledger knows that a decision needs.

    `last` has, for each request, the run that last began to change its state; `cursor` is the commit of the default
    branch that was last reconciled, and `heard` until when every comment was looked at by somebody.
    """

    standing: Mapping[RequestId, Standing] = field(default_factory=dict)
    open_runs: tuple[Run, ...] = ()
    last: Mapping[RequestId, Run] = field(default_factory=dict)
    cursor: str | None = None
    heard: datetime | None = None


@dataclass(frozen=True)
class Basis:
    """What of the ledger a decision rests on: `cursor` is where the default branch was last reconciled by then."""

    cursor: str | None


@dataclass(frozen=True)
class Decision:
    """Runs to open (with the workspaces they name), runs to end, and what else to remember.

    `endings` maps numbers of waiting or held runs to how they end; a run that was claimed meanwhile is left alone. Those in
    `while_held` end only if they are held still: a person may have let one go.
    `moved` are requests that stand unchanged at another path or team. `wishes` are people's, each about one run: all are
    carried out or none. `answer` tells that a comment was answered; a decision that answers one again changes nothing.
    `basis` is what must be so still when it is recorded; None where it rests on nothing that may change. Of comments before
    `heard` none has to be looked for any more.
    """

    openings: tuple[Opening, ...] = ()
    workspaces: tuple[Workspace, ...] = ()
    endings: Mapping[int, Superseded | Withdrawn] = field(default_factory=dict)
    proposal: Proposal | None = None
    moved: tuple[Request, ...] = ()
    cursor: str | None = None
    calls: tuple[Call, ...] = ()
    wishes: tuple[tuple[int, Wish], ...] = ()
    answer: Answer | None = None
    while_held: frozenset[int] = frozenset()
    basis: Basis | None = None
    heard: datetime | None = None

    def slices(self, most: int, owners: Mapping[int, RequestId]) -> Iterator["Decision"]:
        """The decision in parts about so many requests each, in an order in which it may break off after any of them.

        What concerns one request comes together, for an older run may end only so that another takes its place. The rest
        comes last: without it nobody has looked, and whoever looks again finds the runs that are there. What a person
        wants is of one piece, since wishes come before openings.

        Args:
            most: how many requests a part may be about.
            owners: the requests that the runs in `endings` are about.
        """
        concerned = dict.fromkeys([*(opening.request for opening in self.openings), *owners.values()])
        requests = () if self.wishes or self.answer is not None else tuple(concerned)
        rest = self
        for start in range(0, len(requests) - most, most):
            theirs = frozenset(requests[start : start + most])
            part = rest._about(theirs, owners)
            yield replace(part, proposal=None, moved=(), cursor=None, heard=None, calls=())
            rest = rest._about(theirs, owners, but=True)
        yield rest

    def _about(
        self, theirs: frozenset[RequestId], owners: Mapping[int, RequestId], *, but: bool = False
    ) -> "Decision":
        """What of it is about these requests, or about all but these."""
        return replace(
            self,
            openings=tuple(each for each in self.openings if (each.request in theirs) is not but),
            workspaces=tuple(each for each in self.workspaces if (each.id in theirs) is not but),
            endings={run: end for run, end in self.endings.items() if (owners.get(run) in theirs) is not but},
        )

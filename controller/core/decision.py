"""Decision: what one look at the world leads to; the ledger records it in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    branch that was last reconciled.
    """

    standing: Mapping[RequestId, Standing] = field(default_factory=dict)
    open_runs: tuple[Run, ...] = ()
    last: Mapping[RequestId, Run] = field(default_factory=dict)
    cursor: str | None = None


@dataclass(frozen=True)
class Decision:
    """Runs to open (with the workspaces they name), runs to end, and what else to remember.

    `endings` maps numbers of waiting or held runs to how they end; a run that was claimed meanwhile is left alone. Those in
    `while_held` end only if they are held still: a person may have let one go.
    `moved` are requests that stand unchanged at another path or team. `wishes` are people's, each about one run: all are
    carried out or none. `answer` tells that a comment was answered; a decision that answers one again changes nothing.
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

"""Proposal: what the merge of a pull would change."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from controller.core.catalogue import environment_path, is_made_from
from controller.core.change import Change, Standing, changes, forbidden, frozen, renames
from controller.core.cost import CostChange, cost_changes
from controller.core.identity import RequestId
from controller.core.pull import Pull
from controller.core.quota import breaches, owned
from controller.core.rejection import Rejection
from controller.core.request import Request
from controller.core.requests import Requests
from controller.core.wanted import Wanted
from controller.core.wish import Answer


class Planning(StrEnum):
    """Whether the changes of a pull are planned by themselves."""

    YES = "yes"
    STRANGER = "stranger"
    """Its author may not write here: somebody who may asks for the plans."""
    TOO_OFTEN = "too_often"
    """It was planned so often already that a person must ask for more."""


@dataclass(frozen=True)
class Proposal:
    """What a pull's head would make of the default branch's tip.

    `deferred` has the paths of requests that only the head's own catalogue can render: they are validated as data, and
    planned after the merge. `replanned` are requests whose kind or environment the pull changes: what becomes of them is
    known after the merge only, when all that is not empty is held. `refused` are the requests that rejected files seem to mean, as far as that can be read.
    """

    pull: Pull
    tip: str
    changes: tuple[Change, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    conflicts: tuple[str, ...] = ()
    touches_requests: bool = True
    touches_catalogue: bool = False
    reruled: tuple[str, ...] = ()
    """The environments whose own file, and so perhaps whose rules, the pull changes."""
    deferred: tuple[str, ...] = ()
    refused: tuple[Request, ...] = ()
    replanned: tuple[RequestId, ...] = ()
    costs: tuple[CostChange, ...] = ()
    planning: Planning = Planning.YES
    rounds: int = 0
    """How often its changes were planned since a person last asked for it."""
    vouched: int = 0
    """The comment in which somebody last asked for its plans."""

    @property
    def environments(self) -> frozenset[str]:
        """Every environment in which the merge may change something."""
        changed = (change.request.id for change in self.changes)
        return frozenset(identity.environment for identity in (*changed, *self.replanned))

    @property
    def requests(self) -> frozenset[RequestId]:
        """Every request that the pull is about."""
        return frozenset(change.request.id for change in self.changes) | {
            request.id for request in self.refused
        }


@dataclass(frozen=True)
class Sides:
    """What a proposal is made from: the tip and the merged tree, both read with the tip's catalogue.

    `data` are the merged tree's requests as the head's own catalogue reads them, and `catalogue` what is wrong with that
    catalogue and this pull's to mend; both only where the pull touches it.
    """

    tip: Wanted
    merged: Wanted
    paths: frozenset[str]
    data: Requests | None = None
    catalogue: tuple[Rejection, ...] = ()


def propose(pull: Pull, tip: str, sides: Sides, applied: Mapping[RequestId, Standing]) -> Proposal:
    """What the merge would change: only files that the pull changes are judged."""
    frozen_ids = frozen(sides.merged.requests, [standing.request for standing in applied.values()])
    touched = _touched(sides, applied) - frozen_ids
    wanted = {
        identity: sides.merged.workspaces[identity]
        for identity in touched
        if identity in sides.merged.workspaces
    }
    decided = changes(wanted, _standing(touched, sides.tip, applied))
    refused = {
        change.request.id: forbidden(change) if change.request.id in applied else () for change in decided
    }
    requests = sides.merged.requests if sides.data is None else sides.data
    rejections = [
        *sides.catalogue,
        *(rejection for path in sorted(sides.paths) for rejection in requests.refused.get(path, ())),
        *(rejection for rejections in refused.values() for rejection in rejections),
        *(rejection for rejection in renames(requests, _before(applied)) if rejection.path in sides.paths),
        *_over_limits(sides, applied, decided),
    ]
    rejected_paths = {rejection.path for rejection in rejections}
    return Proposal(
        pull,
        tip,
        tuple(
            change
            for change in decided
            if not refused[change.request.id] and change.request.path not in rejected_paths
        ),
        tuple(rejections),
        touches_requests=bool(sides.paths),
        touches_catalogue=sides.data is not None,
        reruled=tuple(
            name for name in sorted(sides.tip.catalogue.environments) if environment_path(name) in sides.paths
        ),
        deferred=_deferred(sides, requests),
        refused=_refused(requests, rejected_paths),
        replanned=_replanned(sides),
        costs=tuple(cost_changes(decided, sides.tip.catalogue)),
    )


MOST_ROUNDS = 50
"""So often a pull is planned by itself."""


def planned(
    proposal: Proposal, known: Proposal | None, *, vouch: Answer | None, is_trusted: bool
) -> Proposal:
    """The proposal with whether it is planned, going by what was said of the pull before.

    Args:
        proposal: what the pull's head comes to.
        known: what was known of the pull, None where it is new.
        vouch: the last answer to somebody with write access who asked for plans.
        is_trusted: whether its author may write to the repository.
    """
    vouched = vouch.comment if vouch else 0
    rounds = known.rounds if known is not None and known.vouched == vouched else 0
    rounds += known is None or (known.pull.head, known.tip) != (proposal.pull.head, proposal.tip)
    planning = Planning.TOO_OFTEN if rounds > MOST_ROUNDS else Planning.YES
    if not is_trusted and (vouch is None or vouch.vouches != proposal.pull.head):
        planning = Planning.STRANGER
    return replace(proposal, planning=planning, rounds=rounds, vouched=vouched)


def rivals(proposal: Proposal, others: Iterable[Proposal]) -> tuple[Proposal, ...]:
    """The other open pulls that are about one of the same requests."""
    return tuple(
        other
        for other in others
        if other.pull.number != proposal.pull.number and other.requests & proposal.requests
    )


def _replanned(sides: Sides) -> tuple[RequestId, ...]:
    """The requests of the tip whose own module or environment the pull changes."""
    return tuple(
        identity
        for identity in sorted(sides.tip.workspaces)
        if any(is_made_from(identity, path) for path in sides.paths)
    )


def _refused(requests: Requests, paths: set[str]) -> tuple[Request, ...]:
    return tuple(
        Request(identity, path.split("/")[1], path, {})
        for path, identity in sorted(requests.claimed.items())
        if path in paths
    )


def _before(applied: Mapping[RequestId, Standing]) -> list[Request]:
    return [standing.request for standing in applied.values()]


def _touched(sides: Sides, applied: Mapping[RequestId, Standing]) -> frozenset[RequestId]:
    """The requests that live, or lived, in a file that the pull changes."""
    asked = (
        *sides.tip.requests.accepted.values(),
        *sides.merged.requests.accepted.values(),
        *_before(applied),
    )
    return frozenset(request.id for request in asked if request.path in sides.paths)


def _over_limits(
    sides: Sides, applied: Mapping[RequestId, Standing], decided: Collection[Change]
) -> Iterator[Rejection]:
    """What the pull's changes together take beyond a quota or a budget."""
    tip, merged = sides.tip.requests, sides.merged.requests
    there = {standing.request.id: standing.request for standing in applied.values()} | dict(tip.accepted)
    after = {**owned(there, decided), **merged.accepted}
    # What waits to be destroyed is there; who asks for it again asks for something new.
    again = merged.accepted.keys() - tip.accepted.keys() - frozen(tip, _before(applied))
    before = {identity: request for identity, request in there.items() if identity not in again}
    found = breaches(before, after, sides.tip.catalogue)
    return (breach.rejection for breach in found if breach.rejection.path in sides.paths)


def _standing(
    touched: frozenset[RequestId], tip: Wanted, applied: Mapping[RequestId, Standing]
) -> Mapping[RequestId, Standing]:
    """What the touched requests stand at once the tip is applied: values as applied, digest as the tip wants it."""
    standing = {identity: applied[identity] for identity in touched if identity in applied}
    for identity in touched:
        workspace = tip.workspaces.get(identity)
        if workspace is None:
            continue
        known = applied.get(identity)
        begun = known.begun if known else workspace.digest
        standing[identity] = Standing(known.request if known else workspace.request, workspace.digest, begun)
    return standing


def _deferred(sides: Sides, data: Requests) -> tuple[str, ...]:
    if sides.data is None:
        return ()
    readable = {request.path for request in data.accepted.values()}
    return tuple(sorted(readable & sides.paths & sides.merged.requests.refused.keys()))

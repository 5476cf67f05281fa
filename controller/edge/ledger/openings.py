"""Openings: which of the runs that are wanted are new, and which older ones they make pointless."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select, tuple_

from controller.core.outcome import Superseded
from controller.core.request import Request
from controller.core.run import Ended, Held, Opening, Run
from controller.core.workspace import Workspace
from controller.edge.ledger.engine import Work, insert
from controller.edge.ledger.outbox import CHUNK
from controller.edge.ledger.records import REQUEST, RUN, family, new_workspace, read_run
from controller.edge.ledger.tables import CHANGES_STATE, AnyRow, requests, runs, workspaces
from controller.edge.ledger.transitions import OURSELVES, open_runs, shift
from controller.errors import LedgerError

Peer = AnyRow
Subjects = Mapping[tuple[str, str], Request]

_PEER = (
    runs.c.id,
    runs.c.family,
    runs.c.request,
    runs.c.operation,
    runs.c.digest,
    runs.c.mode,
    runs.c.commit,
)
_PEER_TOO = (runs.c.pull, runs.c.attempt, runs.c.state, runs.c.outcome, runs.c.by_person)


@dataclass(frozen=True)
class _Admission:
    """What becomes of an opening: `opening` is None where its work has a run; `stale` are runs that it ends."""

    opening: Opening | None
    kin: int | None
    stale: tuple[int, ...]


def keep(work: Work, rendered: Iterable[Workspace]) -> None:
    """Keep rendered workspaces; the kind and the environment of a known digest are brought up to date."""
    rows = [dict(new_workspace(workspace)) for workspace in rendered]
    if not rows:
        return
    statement = insert(work.conn, workspaces)
    fresh = {name: statement.excluded[name] for name in ("subject", "kind", "environment")}
    work.conn.execute(statement.on_conflict_do_update(index_elements=["request", "digest"], set_=fresh), rows)


def open_wanted(
    work: Work, wanted: Sequence[Opening], rendered: Iterable[Workspace]
) -> tuple[tuple[Run, ...], tuple[Run, ...]]:
    """Open what has no run yet, and end what newer content makes pointless.

    Returns:
        The runs that were opened, and those that were superseded.
    """
    distinct = list({family(opening): opening for opening in wanted}.values())
    peers = _peers(work, distinct)
    admissions = [_admit(opening, peers[opening.request.key]) for opening in distinct]
    admitted = [admission for admission in admissions if admission.opening is not None]
    openings = [admission.opening for admission in admitted if admission.opening is not None]
    subjects = _subjects(work, openings, rendered)
    opened = open_runs(work, [(opening, subjects[_place(opening)]) for opening in openings])
    heirs = dict(zip(map(id, admitted), (run.id for run in opened), strict=True))
    ended = [
        run
        for admission in admissions
        for run in _supersede(work, admission.stale, heirs.get(id(admission), admission.kin))
    ]
    return opened, tuple(ended)


def _admit(opening: Opening, peers: Sequence[Peer]) -> _Admission:
    kindred = family(opening)
    lane = [peer for peer in peers if _same_lane(opening, peer)]
    newest = max((peer for peer in lane if peer.family == kindred), key=_attempt, default=None)
    busy = next((peer for peer in lane if _does_the_same(opening, peer)), None)
    heir = _next(opening, newest) if busy is None else None
    kin = busy or newest
    stale = tuple(
        peer.id
        for peer in lane
        if peer.state in {"waiting", "held"} and (heir is not None or peer.family != kindred)
    )
    return _Admission(heir, kin.id if kin else None, stale)


def _next(opening: Opening, newest: Peer | None) -> Opening | None:
    """The opening under an attempt that is free, or None where its work was done, or is to be done."""
    if newest is None or opening.attempt > newest.attempt:
        return opening
    if newest.outcome == "superseded" or (newest.outcome == "withdrawn" and _is_wanted_anew(opening, newest)):
        return replace(opening, attempt=newest.attempt + 1)
    return None


def _is_wanted_anew(opening: Opening, withdrawn: Peer) -> bool:
    """What a person took back is not wanted again by the commit that wanted it already."""
    return not (withdrawn.by_person and withdrawn.commit == opening.commit)


def _does_the_same(opening: Opening, peer: Peer) -> bool:
    """Whether an apply or destroy of this very content is on a worker."""
    same = (opening.operation, opening.digest, opening.mode) == (peer.operation, peer.digest, peer.mode)
    return same and not opening.operation.only_plans and peer.state == "running"


def _same_lane(opening: Opening, peer: Peer) -> bool:
    if opening.operation.only_plans:
        return peer.operation not in CHANGES_STATE and bool(peer.pull == opening.pull)
    return peer.operation in CHANGES_STATE


def _attempt(peer: Peer) -> int:
    return int(peer.attempt)


def _supersede(work: Work, stale: Sequence[int], heir: int | None) -> list[Run]:
    if not stale:
        return []
    rows = work.conn.execute(select(*RUN).where(runs.c.id.in_(stale)))
    why = f"run {heir} has the newer content"
    return [shift(work, run, Ended(Superseded(why)), OURSELVES, why) for run in map(read_run, rows.all())]


def _peers(work: Work, openings: Sequence[Opening]) -> Mapping[str, list[Peer]]:
    """Runs of the openings' requests that are open, or are attempts at the same work."""
    found: dict[int, Peer] = {}
    for start in range(0, len(openings), CHUNK):
        chunk = openings[start : start + CHUNK]
        is_open = runs.c.request.in_([opening.request.key for opening in chunk]) & (runs.c.state != "ended")
        is_kin = runs.c.family.in_([family(opening) for opening in chunk])
        for condition in (is_open, is_kin):
            found |= {row.id: row for row in work.conn.execute(select(*_PEER, *_PEER_TOO).where(condition))}
    peers: defaultdict[str, list[Peer]] = defaultdict(list)
    for peer in found.values():
        peers[peer.request].append(peer)
    return peers


def _subjects(work: Work, openings: Sequence[Opening], rendered: Iterable[Workspace]) -> Subjects:
    """The request that each run is about: as it was rendered now, as it stands, or as it was rendered once."""
    subjects = {(workspace.id.key, workspace.digest): workspace.request for workspace in rendered}
    missing = [opening for opening in openings if _place(opening) not in subjects]
    for start in range(0, len(missing), CHUNK):
        places = [_place(opening) for opening in missing[start : start + CHUNK]]
        for source, digest in ((workspaces, workspaces.c.digest), (requests, requests.c.begun)):
            key = source.c.request if source is workspaces else source.c.key
            rows = work.conn.execute(
                select(key, digest, source.c.subject).where(tuple_(key, digest).in_(places))
            )
            subjects |= {(row[0], row[1]): REQUEST.validate_json(row[2]) for row in rows}
    _check(missing, subjects)
    return subjects


def _check(openings: Iterable[Opening], subjects: Subjects) -> None:
    for opening in openings:
        if _place(opening) not in subjects:
            raise LedgerError(f"no workspace {opening.digest[:12]} of {opening.request} was ever recorded")


def _place(opening: Opening) -> tuple[str, str]:
    return opening.request.key, opening.digest


def stop(work: Work, endings: Mapping[int, Any], while_held: frozenset[int] = frozenset()) -> tuple[Run, ...]:
    """End runs that a decision no longer wants; those that were claimed, or let go, meanwhile are left alone."""
    ended: list[Run] = []
    numbers = list(endings)
    for start in range(0, len(numbers), CHUNK):
        is_idle = runs.c.id.in_(numbers[start : start + CHUNK]) & runs.c.state.in_(("waiting", "held"))
        for run in map(read_run, work.conn.execute(select(*RUN).where(is_idle)).all()):
            if run.id in while_held and not isinstance(run.state, Held):
                continue
            outcome = endings[run.id]
            actor = getattr(outcome, "by", OURSELVES)
            ended.append(shift(work, run, Ended(outcome), actor, outcome.why))
    return tuple(ended)

"""Openings: which of the runs that are wanted are new, and which older ones they make pointless."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select, tuple_

from controller.core.environment import Mode
from controller.core.identity import RequestId
from controller.core.request import Request
from controller.core.run import Ended, Held, Opening, Operation, Run
from controller.core.succession import Peer, admit, superseded_by
from controller.core.workspace import Workspace
from controller.edge.ledger.engine import Work, insert
from controller.edge.ledger.outbox import CHUNK
from controller.edge.ledger.records import REQUEST, RUN, new_workspace, read_run
from controller.edge.ledger.tables import AnyRow, requests, runs, workspaces
from controller.edge.ledger.transitions import OURSELVES, open_runs, shift
from controller.errors import LedgerError

Subjects = Mapping[tuple[str, str], Request]

_PEER = (
    runs.c.id,
    runs.c.family,
    runs.c.operation,
    runs.c.digest,
    runs.c.mode,
    runs.c.commit,
    runs.c.pull,
    runs.c.attempt,
    runs.c.state,
    runs.c.outcome,
    runs.c.by_person,
)
"""The columns that a Peer is read from."""


def pack(rendered: Iterable[Workspace]) -> list[dict[str, Any]]:
    """The rows of rendered workspaces, made before anybody must wait for the transaction that keeps them."""
    return [dict(new_workspace(workspace)) for workspace in rendered]


def keep(work: Work, rows: list[dict[str, Any]]) -> None:
    """Keep rendered workspaces; the kind and the environment of a known digest are brought up to date."""
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
    distinct = list({opening.family: opening for opening in wanted}.values())
    peers = _peers(work, distinct)
    admissions = [admit(opening, peers[opening.request.key]) for opening in distinct]
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


def _supersede(work: Work, stale: Sequence[int], heir: int | None) -> list[Run]:
    if not stale:
        return []
    rows = work.conn.execute(select(*RUN).where(runs.c.id.in_(stale)))
    end = superseded_by(heir)
    return [shift(work, run, Ended(end), OURSELVES, end.why) for run in map(read_run, rows.all())]


def _peers(work: Work, openings: Sequence[Opening]) -> Mapping[str, list[Peer]]:
    """Runs of the openings' requests that are open, or are attempts at the same work."""
    found: dict[int, tuple[str, Peer]] = {}
    for start in range(0, len(openings), CHUNK):
        chunk = openings[start : start + CHUNK]
        is_open = runs.c.request.in_([opening.request.key for opening in chunk]) & (runs.c.state != "ended")
        is_kin = runs.c.family.in_([opening.family for opening in chunk])
        for condition in (is_open, is_kin):
            rows = work.conn.execute(select(*_PEER, runs.c.request).where(condition))
            found |= {row.id: (row.request, _peer(row)) for row in rows}
    peers: defaultdict[str, list[Peer]] = defaultdict(list)
    for request, peer in found.values():
        peers[request].append(peer)
    return peers


def _peer(row: AnyRow) -> Peer:
    return Peer(
        row.id,
        row.family,
        Operation(row.operation),
        row.digest,
        Mode(row.mode),
        row.commit,
        row.pull,
        row.attempt,
        row.state,
        row.outcome,
        row.by_person,
    )


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


def owners(conn: Connection, numbers: Sequence[int]) -> Mapping[int, RequestId]:
    """The requests that these runs are about."""
    found: dict[int, RequestId] = {}
    for start in range(0, len(numbers), CHUNK):
        theirs = select(runs.c.id, runs.c.request).where(runs.c.id.in_(numbers[start : start + CHUNK]))
        found |= {row.id: RequestId.parse(row.request) for row in conn.execute(theirs)}
    return found

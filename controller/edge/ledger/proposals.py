"""Proposals: what open pulls would change, and the requests that only they know."""

from sqlalchemy import delete, select

from controller.core.identity import RequestId
from controller.core.proposal import Proposal
from controller.core.pull import PullState
from controller.edge.ledger.engine import Work, insert
from controller.edge.ledger.records import PROPOSAL, REQUEST, dump
from controller.edge.ledger.tables import proposals, proposed


def remember(work: Work, proposal: Proposal) -> frozenset[RequestId]:
    """Remember what a pull would change; the requests that it is about now, or was about before."""
    pull = proposal.pull
    values = {
        "number": pull.number,
        "state": pull.state.value,
        "head": pull.head,
        "proposal": dump(PROPOSAL, proposal),
    }
    statement = insert(work.conn, proposals).values(values)
    work.conn.execute(statement.on_conflict_do_update(index_elements=["number"], set_=values))
    before = _forget(work, pull.number)
    return before | (_ask(work, proposal) if pull.state is PullState.OPEN else frozenset())


def asking(work: Work, request: RequestId) -> tuple[int, ...]:
    """The open pulls that are about a request."""
    pulls = select(proposed.c.pull).where(proposed.c.request == request.key).order_by(proposed.c.pull)
    return tuple(work.conn.execute(pulls).scalars())


def _forget(work: Work, pull: int) -> frozenset[RequestId]:
    keys = work.conn.execute(select(proposed.c.request).where(proposed.c.pull == pull)).scalars().all()
    work.conn.execute(delete(proposed).where(proposed.c.pull == pull))
    return frozenset(map(RequestId.parse, keys))


def _ask(work: Work, proposal: Proposal) -> frozenset[RequestId]:
    refused = {request.id: request for request in proposal.refused}
    asked = refused | {change.request.id: change.request for change in proposal.changes}
    rows = [
        {
            "pull": proposal.pull.number,
            "request": identity.key,
            "team": request.team,
            "path": request.path,
            "subject": dump(REQUEST, request),
            "rejected": identity in refused,
        }
        for identity, request in asked.items()
    ]
    if rows:
        work.conn.execute(proposed.insert(), rows)
    return frozenset(asked)

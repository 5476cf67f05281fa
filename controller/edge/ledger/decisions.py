"""Decisions: what one transaction makes of one."""

from typing import Any

from controller.core.call import Call
from controller.core.decision import Basis, Decision
from controller.edge.ledger import answers, openings, outbox, proposals, standings, wishes
from controller.edge.ledger.engine import Work, insert
from controller.edge.ledger.register import read_cursor
from controller.edge.ledger.tables import CURSOR, HEARD, LOOKED, meta
from controller.errors import Overtaken


def record_decision(work: Work, decision: Decision, packed: list[dict[str, Any]]) -> tuple[Call, ...]:
    """Record a decision; the calls to send.

    Args:
        work: the transaction.
        decision: what is to be recorded.
        packed: the rows of its workspaces.
    """
    if decision.answer is not None and not answers.remember(work, decision.answer):
        return ()
    if decision.basis is not None:
        _check(work, decision.basis)
    fulfilled = wishes.fulfil(work, decision.wishes)
    openings.keep(work, packed)
    ended = openings.stop(work, decision.endings, decision.while_held)
    opened, stale = openings.open_wanted(work, decision.openings, decision.workspaces)
    standings.relocate(work, decision.moved)
    asked = proposals.remember(work, decision.proposal) if decision.proposal else frozenset()
    if decision.cursor is not None:
        _set(work, CURSOR, decision.cursor)
        _set(work, LOOKED, work.now.isoformat())
    if decision.heard is not None:
        _set(work, HEARD, decision.heard.isoformat())
    moved = (request.id for request in decision.moved)
    touched = {run.request for run in (*opened, *ended, *stale)}
    standings.refresh(work, (*touched, *asked, *moved))
    merged = (run for run in (*ended, *stale) if not run.operation.only_plans)
    wanted = (*fulfilled, *outbox.start(opened), *outbox.tell(merged), *decision.calls)
    return outbox.post(work, wanted)


def _check(work: Work, basis: Basis) -> None:
    if read_cursor(work.conn) != basis.cursor:
        raise Overtaken(
            "the default branch was reconciled again meanwhile, so what was decided may not be wanted any more: look again"
        )


def _set(work: Work, name: str, value: str) -> None:
    statement = insert(work.conn, meta).values(name=name, value=value)
    work.conn.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))

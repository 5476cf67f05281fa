"""Arrivals: deliveries are recorded with their wake-up calls, many in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from operator import itemgetter

from sqlalchemy import delete, select

from controller.core.call import Call
from controller.edge.ledger import outbox
from controller.edge.ledger.engine import Work, insert
from controller.edge.ledger.tables import calls, deliveries, storable
from controller.ports import Arrival

KEPT = timedelta(days=7)
"""GitHub sends a delivery again for three days (https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks)."""


def arrive(work: Work, arrivals: Sequence[Arrival]) -> tuple[tuple[Call, ...], ...]:
    """Remember deliveries; for each the calls to send: none where its GUID was recorded and its call sent.

    Of several copies that arrive together one gets the call.
    """
    if not arrivals:
        return ()
    distinct = {storable(delivery.guid): (delivery, call) for delivery, call in arrivals}
    new = _remember(work, distinct)
    posted = outbox.post_of(work, [(distinct[guid][1], guid) for guid in new])
    wanted: dict[str, tuple[Call, ...]] = {guid: (call,) for guid, call in zip(new, posted, strict=True)}
    wanted |= {guid: outbox.unsent_of(work, guid) for guid in distinct if guid not in wanted}
    return tuple(wanted.pop(storable(delivery.guid), ()) for delivery, _ in arrivals)


def forget(work: Work) -> None:
    """Forget deliveries that nobody can send again any more, once their calls are forgotten too."""
    answers = select(calls.c.delivery).where(calls.c.delivery == deliveries.c.guid).exists()
    work.conn.execute(delete(deliveries).where(deliveries.c.received < work.now - KEPT, ~answers))


def _remember(work: Work, arrived: Mapping[str, Arrival]) -> Sequence[str]:
    """Record deliveries by their GUID; those that were not recorded before.

    In order, so that two listeners that record the same ones wait for each other in one direction only.
    """
    rows = [
        {"guid": guid, "event": delivery.event, "action": delivery.action, "received": work.now}
        for guid, (delivery, _) in sorted(arrived.items(), key=itemgetter(0))
    ]
    statement = insert(work.conn, deliveries).on_conflict_do_nothing().returning(deliveries.c.guid)
    return work.conn.execute(statement, rows).scalars().all()

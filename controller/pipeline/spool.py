"""spool: what came of a run is recorded, or kept on this machine until the ledger takes it."""

from contextlib import suppress
from typing import Any

import structlog

from controller.core.run import Ended, Held
from controller.errors import FenceLost, LedgerError
from controller.pipeline.send import send
from controller.ports import GivenBack, Kept, Lease, Ports

log = structlog.get_logger(__name__)


def record(ports: Ports, lease: Lease, state: Held | Ended | GivenBack) -> None:
    """End a lease with what came of its run; where the ledger is away, that is kept and recorded later.

    Raises:
        FenceLost: the run is somebody else's by now.
        SpoolError: the ledger is away, and the disk takes nothing either: the lease ends by itself.
    """
    try:
        calls = ports.ledger.settle(lease, state)
    except LedgerError as away:
        ports.spool.keep(Kept(lease, state))
        log.warning("the ledger is away: what came of a run is kept", **_told(lease, state), error=str(away))
    else:
        with suppress(LedgerError):  # whatever is not noted as sent is sent again by the sweep
            send(ports, calls)


def catch_up(ports: Ports) -> bool:
    """Record what was kept, by whomever on this machine; whether anything still is."""
    with ports.spool.kept() as found:
        return not all(_is_settled(ports, kept) for kept in found)


def _is_settled(ports: Ports, kept: Kept) -> bool:
    """Whether there is nothing left to do about it."""
    told = _told(kept.lease, kept.state)
    try:
        calls = ports.ledger.settle(kept.lease, kept.state)
    except LedgerError:
        return False
    except FenceLost:
        ports.spool.drop(kept.lease)
        log.warning("what came of a run comes too late: another attempt goes on from there", **told)
    else:
        ports.spool.drop(kept.lease)
        log.info("what came of a run is recorded", **told)
        with suppress(LedgerError):
            send(ports, calls)
    return True


def _told(lease: Lease, state: Held | Ended | GivenBack) -> dict[str, Any]:
    """A run and what came of it, as a log line says it."""
    came = {"run": lease.run, "worker": lease.worker, "fence": lease.fence}
    match state:
        case Ended(outcome):
            return {**came, "outcome": outcome.type, "why": _words(outcome)}
        case Held(reasons):
            return {**came, "outcome": "held", "why": "; ".join(map(str, reasons))}
        case GivenBack(why):
            return {**came, "outcome": "given back", "why": why}


def _words(outcome: object) -> str:
    """What an outcome says of itself; how much was changed where it went well."""
    words = getattr(outcome, "summary", "") or getattr(outcome, "why", "")
    return str(words) or f"{getattr(outcome, 'changed', 0)} changed"

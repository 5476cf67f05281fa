"""Rounds: what a worker does every few seconds beside its runs."""

from dataclasses import replace

import structlog

from controller.bootstrap import Assembly
from controller.errors import LedgerError
from controller.jobs import STORIES, Group
from controller.pipeline.spool import catch_up
from controller.ports import Ports, RunQuery, WorkerCard

log = structlog.get_logger(__name__)

EVERY = 5.0
SOON = 1.0
"""Seconds until the next round: soon, where the ledger was away, so that what is kept for it comes before the sweep."""

PAGE = 500
"""So many waiting runs are looked at for environments that are new here, at a time."""

DRAINS = "It was told to stop: it finishes what it has begun, and takes no new runs."


class Rounds:
    """Greet the ledger, hand in what was kept for it, open or close the gates, and find new environments."""

    def __init__(self, assembly: Assembly, groups: tuple[Group, ...], card: WorkerCard) -> None:
        self._ports, self._checkup = assembly.ports, assembly.checkup
        self._groups, self._card = groups, card
        self._said = ""
        self._before: int | None = None

    def __call__(self) -> float:
        """Go round once; the seconds until the next time."""
        ailment = self._checkup()
        self._say(ailment)
        is_heard = self._greet(ailment)
        for group in self._groups:
            group.broker.gate.set(is_open=is_heard and (not ailment or group.name == STORIES))
        if not is_heard or catch_up(self._ports):
            return SOON
        self._before = discover(self._ports, self._groups, self._before)
        return EVERY

    def leave(self) -> None:
        """One round of a worker that was told to stop: what its last runs came to is still told, once the ledger is back."""
        is_heard = self._greet(DRAINS)
        for group in self._groups:
            if group.name == STORIES:
                group.broker.gate.set(is_open=is_heard)
        if is_heard:
            catch_up(self._ports)

    def _greet(self, ailment: str) -> bool:
        """Whether the ledger heard us."""
        card = replace(self._card, terraform=self._checkup.terraform, ailment=ailment)
        try:
            self._ports.ledger.greet(card)
        except LedgerError as error:
            log.warning("the ledger is away: nothing is taken until it is back", error=str(error))
            return False
        return True

    def _say(self, ailment: str) -> None:
        """Say what ails this worker, once."""
        if ailment and ailment != self._said:
            log.error("this worker takes no runs", ailment=ailment)
        elif self._said and not ailment:
            log.info("this worker takes runs again")
        self._said = ailment


def discover(ports: Ports, groups: tuple[Group, ...], before: int | None = None) -> int | None:
    """Consume the queues of environments that have work waiting; new ones need no restart.

    Args:
        ports: whose ledger knows what waits.
        groups: those that shall consume.
        before: where the last look ended.

    Returns:
        Where the next look begins: a long backlog of one environment hides no other for long.
    """
    try:
        waiting = ports.views.runs(RunQuery(states=("waiting",), before=before, limit=PAGE))
    except LedgerError:
        return before
    for environment in {view.run.request.environment for view in waiting}:
        for group in groups:
            if group.name != STORIES:
                group.broker.declare_queue(f"{group.name}.{environment}")
    return waiting[-1].run.id if len(waiting) == PAGE else None

"""News: whether people hear at once of how a run ended, or with the next one of its pull."""

from sqlalchemy import func, select

from controller.core.call import Call
from controller.core.outcome import Applied, Destroyed, Planned
from controller.core.run import Ended, Run
from controller.core.summary import is_news
from controller.edge.ledger.engine import Work
from controller.edge.ledger.outbox import tell
from controller.edge.ledger.tables import CHANGES_STATE, runs


def tell_of(work: Work, run: Run) -> tuple[Call, ...]:
    """The call that tells what came of a run; none where it went well, and its pull's comment would say what it says now."""
    went_well = isinstance(run.state, Ended) and isinstance(run.state.outcome, Planned | Applied | Destroyed)
    if run.pull is not None and went_well and not is_news(*_of_pull(work, run)):
        return ()
    return tell([run])


def _of_pull(work: Work, run: Run) -> tuple[int, int]:
    """How many requests of the run's pull are on their way still, and how many there are, at the same commit."""
    changes = runs.c.operation.in_(CHANGES_STATE)
    same = (
        runs.c.pull == run.pull,
        runs.c.commit == run.commit,
        ~changes if run.operation.only_plans else changes,
    )
    requests = func.count(runs.c.request.distinct())
    left = requests.filter(runs.c.state.in_(("waiting", "running")))
    found = work.conn.execute(select(left, requests).where(*same)).one()
    return int(found[0]), int(found[1])

"""refresh: say again what may have been lost on its way to GitHub, a few pulls at a time.

A report that the broker took and lost leaves no trace: so every pull of which there is something to say is reported in
turn, which asks little of GitHub, and changes nothing where all is said.
"""

from datetime import timedelta

from controller.core.call import Call, report, report_commit
from controller.core.decision import Decision
from controller.pipeline.send import send
from controller.ports import Ports, RunQuery, RunView

EVERY = timedelta(seconds=60)
AT_ONCE = 3
KEPT = timedelta(days=1)
"""Results older than this are believed to be said."""

LATEST = 200
"""Only what so many runs came to."""


def refresh(ports: Ports) -> None:
    """Report the next few pulls and commits."""
    reports = sorted(_plans(ports) | _results(ports), key=lambda call: (call.actor, call.argument or 0))
    if not reports:
        return
    turn = int(ports.now().timestamp() // EVERY.total_seconds())
    first = turn * AT_ONCE % len(reports)
    chosen = (reports + reports)[first : first + min(AT_ONCE, len(reports))]
    send(ports, ports.ledger.commit(Decision(calls=tuple(chosen))))


def _plans(ports: Ports) -> set[Call]:
    return {report(proposal.pull.number) for proposal in ports.views.proposals()}


def _results(ports: Ports) -> set[Call]:
    since = ports.now() - KEPT
    views = ports.views.runs(RunQuery(limit=LATEST))
    commits: dict[str, RunView] = {}
    calls = set()
    for view in (view for view in views if view.ended is None or view.ended > since):
        if view.run.pull is not None:
            calls.add(report(view.run.pull))
        elif commits.setdefault(view.run.commit, view) is view:
            calls.add(report_commit(view.run.id))
    return calls

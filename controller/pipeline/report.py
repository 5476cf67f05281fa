"""report: say on GitHub what the ledger knows, rendered afresh and edited in place."""

from collections.abc import Mapping, Sequence

from controller.core.approval import Approval
from controller.core.catalogue import Catalogue
from controller.core.change import Destroy
from controller.core.comment import Text, notices, plan_comment, result_comment
from controller.core.identity import RequestId
from controller.core.proposal import Proposal
from controller.core.pull import PullState
from controller.core.run import Ended, Held, Run
from controller.core.summary import PlanFacts, PlanSummary, ResultFacts, summarise_plan, summarise_result
from controller.pipeline.authority import People
from controller.pipeline.look import trusted_catalogue
from controller.pipeline.turn import single_flight
from controller.ports import Comment, Ports, RunQuery

MANY = 1_000
"""More runs than one pull ever has."""
LATEST = 20
"""So many of a request's runs are looked through for the last that changed it; the others are plans."""


def report(ports: Ports, number: int) -> None:
    """Render the pull's comment and statuses from the ledger, and put them where they differ."""
    single_flight(ports, f"report {number}", lambda: _report(ports, number))


def report_commit(ports: Ports, run: int) -> None:
    """Say on a commit what became of a change that no pull brought; what is under way only its status says.

    A comment there may not always be edited, and each one more is read by everybody who follows the commit.
    """
    view = ports.views.run(run)
    if view is None:
        return
    commit = view.run.commit
    runs = [each.run for each in ports.views.runs(RunQuery(commit=commit, limit=MANY))]
    orphans = [run for run in runs if run.pull is None]
    summary = summarise_result(
        ResultFacts(commit, orphans, trusted_catalogue(ports, ports.views.reconciled()))
    )
    if all(isinstance(run.state, Ended | Held) for run in summary.runs):
        text = result_comment(summary, ports.templates["comment"], ports.links)
        ports.github.say_on_commit(commit, Comment(text.marker, text.body))
    if all(run.pull is None or run.operation.only_plans for run in runs):  # else the pull's report sets it
        ports.github.set_status(summary.status)


def _report(ports: Ports, number: int) -> None:
    proposal = ports.views.proposal(number)
    if proposal is None:
        return
    runs = [view.run for view in ports.views.runs(RunQuery(pull=number, limit=MANY))]
    if proposal.pull.state is PullState.OPEN:
        _report_plan(ports, proposal, runs)
    elif proposal.pull.state is PullState.MERGED:
        _report_result(ports, proposal, runs)


def _report_plan(ports: Ports, proposal: Proposal, runs: Sequence[Run]) -> None:
    summary = plan_summary(ports, proposal, runs)
    # A locked conversation takes no comment; the statuses must not miss for that.
    for status in summary.statuses:
        ports.github.set_status(status)
    if proposal.touches_requests:
        _say(ports, proposal.pull.number, plan_comment(summary, ports.templates["comment"], ports.links))


def plan_summary(ports: Ports, proposal: Proposal, runs: Sequence[Run]) -> PlanSummary:
    """What there is to say of an open pull.

    Args:
        ports: whom to ask.
        proposal: what the pull would change.
        runs: the pull's, newest first.
    """
    catalogue = trusted_catalogue(ports, proposal.tip)
    ending = [change.request.id for change in proposal.changes if isinstance(change, Destroy)]
    ending += [run.request for run in runs if run.operation.only_plans]
    return summarise_plan(
        PlanFacts(
            proposal,
            runs,
            catalogue,
            _approvals(ports, proposal, catalogue),
            ports.views.proposals(),
            ports.views.born(dict.fromkeys(ending)),
            ports.now(),
            _busy(ports, proposal),
        )
    )


def _report_result(ports: Ports, proposal: Proposal, runs: Sequence[Run]) -> None:
    if not proposal.touches_requests and not runs:
        return
    pull, catalogue = proposal.pull, trusted_catalogue(ports, ports.views.reconciled() or proposal.tip)
    facts = ResultFacts(
        pull.merge_commit or pull.head,
        runs,
        catalogue,
        pull,
        proposal.rejections,
        _elsewhere(ports, proposal, runs),
    )
    summary = summarise_result(facts)
    ports.github.set_status(summary.status)
    for text in (
        result_comment(summary, ports.templates["comment"], ports.links),
        *notices(summary, pull.author, ports.templates["comment"], ports.links),
    ):
        _say(ports, pull.number, text)


def _say(ports: Ports, number: int, text: Text) -> None:
    ports.github.say(number, Comment(text.marker, text.body))


def _approvals(ports: Ports, proposal: Proposal, catalogue: Catalogue) -> tuple[Approval, ...]:
    """The approvals of each environment that the pull changes something in, by the default branch's rules."""
    known = catalogue.environments
    rules = {name: known[name].format.approvals for name in proposal.environments & known.keys()}
    return People(ports).approvals(proposal.pull, proposal.tip, rules)


def _busy(ports: Ports, proposal: Proposal) -> Mapping[RequestId, int]:
    """The runs that are about to change what the pull's requests stand at."""
    under_way = ports.views.runs(RunQuery(states=("waiting", "running"), limit=MANY))
    return {
        view.run.request: view.run.id
        for view in under_way
        if not view.run.operation.only_plans and view.run.request in proposal.requests
    }


def _elsewhere(ports: Ports, proposal: Proposal, runs: Sequence[Run]) -> Mapping[RequestId, int]:
    """The pulls whose runs carry out what this one asked for too: both were merged before anybody looked."""
    own = {run.request for run in runs if not run.operation.only_plans}
    seen = max((run.id for run in runs), default=0)
    found: dict[RequestId, int] = {}
    for identity in (change.request.id for change in proposal.changes):
        later = _later(ports, identity, seen) if identity not in own else None
        if later is not None:
            found[identity] = later
    return found


def _later(ports: Ports, request: RequestId, seen: int) -> int | None:
    """The pull of the newest run that changes a request, if that run came after all that a pull itself had."""
    views = ports.views.runs(RunQuery(request=request, limit=LATEST))
    run = next((view.run for view in views if not view.run.operation.only_plans), None)
    return run.pull if run is not None and run.id > seen else None

"""report: say on GitHub what the ledger knows, rendered afresh and edited in place."""

from collections.abc import Iterable, Mapping

from controller.core.approval import PERMISSIONS, Approval, approve
from controller.core.comment import Text, notice, plan_comment, result_comment
from controller.core.environment import ApprovalRule
from controller.core.outcome import Failed
from controller.core.proposal import Proposal
from controller.core.pull import PullState
from controller.core.request import Blob
from controller.core.run import Ended, Run
from controller.core.summary import summarise_plan, summarise_result
from controller.errors import GitError, GitHubNotFound
from controller.pipeline.look import catalogue_blobs, catalogue_of
from controller.pipeline.turn import single_flight
from controller.ports import Comment, Ports, RunQuery

MANY = 1_000
"""More runs than one pull ever has."""


def report(ports: Ports, number: int) -> None:
    """Render the pull's comment and statuses from the ledger, and put them where they differ."""
    single_flight(ports, f"report {number}", lambda: _report(ports, number))


def report_commit(ports: Ports, run: int) -> None:
    """Say on a commit what became of a change that no pull brought."""
    view = ports.views.run(run)
    if view is None:
        return
    runs = [each.run for each in ports.views.runs(RunQuery(commit=view.run.commit, limit=MANY))]
    summary = summarise_result((run for run in runs if run.pull is None), view.run.commit)
    text = result_comment(summary, ports.templates["comment"], ports.link)
    ports.github.say_on_commit(view.run.commit, Comment(text.marker, text.body))
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


def _report_plan(ports: Ports, proposal: Proposal, runs: list[Run]) -> None:
    summary = summarise_plan(proposal, runs, _approvals(ports, proposal), ports.views.proposals())
    if proposal.touches_requests:
        _say(ports, proposal.pull.number, plan_comment(summary, ports.templates["comment"], ports.link))
    for status in summary.statuses:
        ports.github.set_status(status)


def _report_result(ports: Ports, proposal: Proposal, runs: list[Run]) -> None:
    if not proposal.touches_requests and not runs:
        return
    pull = proposal.pull
    summary = summarise_result(runs, pull.merge_commit or pull.head, proposal.rejections)
    _say(ports, pull.number, result_comment(summary, ports.templates["comment"], ports.link))
    ports.github.set_status(summary.status)
    for run in summary.runs:
        if isinstance(run.state, Ended) and isinstance(run.state.outcome, Failed):
            _say(ports, pull.number, notice(run, pull.author, ports.templates["comment"], ports.link))


def _say(ports: Ports, number: int, text: Text) -> None:
    ports.github.say(number, Comment(text.marker, text.body))


def _approvals(ports: Ports, proposal: Proposal) -> tuple[Approval, ...]:
    """The approvals of each environment that the pull changes something in, by the default branch's rules."""
    names = {change.request.id.environment for change in proposal.changes}
    if not names:
        return ()
    environments = catalogue_of(_trusted_blobs(ports, proposal.tip)).environments
    reviews = ports.github.reviews(proposal.pull.number)
    people = {review.author for review in reviews} | {proposal.pull.author}
    rules = {name: environments[name].format.approvals for name in sorted(names & environments.keys())}
    return tuple(
        approve(
            name,
            rule,
            proposal.pull,
            reviews,
            {person: _has_authority(ports, person, rule) for person in people},
        )
        for name, rule in rules.items()
    )


def _trusted_blobs(ports: Ports, tip: str) -> Mapping[str, Blob]:
    """The catalogue of a tip that another machine may have looked at: then it is still to be fetched here."""
    try:
        return catalogue_blobs(ports, tip)
    except GitError:
        ports.git.fetch(tip)
        return catalogue_blobs(ports, tip)


def _has_authority(ports: Ports, person: str, rule: ApprovalRule) -> bool:
    """Whether somebody is one of a rule's approvers, asked of GitHub."""
    return any(_is_one_of(ports, person, approver) for approver in _cheapest_first(rule.approvers))


def _cheapest_first(approvers: Iterable[str]) -> list[str]:
    return sorted(approvers, key=lambda approver: ("/" in approver, not approver.startswith("@")))


def _is_one_of(ports: Ports, person: str, approver: str) -> bool:
    if approver in PERMISSIONS:
        return ports.github.permission(person) >= PERMISSIONS[approver]
    organisation, slash, team = approver.removeprefix("@").partition("/")
    if not slash:
        return person.lower() == organisation.lower()
    try:
        return ports.github.is_member(organisation, team, person)
    except GitHubNotFound:
        return False

"""report: say on GitHub what the ledger knows, rendered afresh and edited in place."""

from collections.abc import Mapping
from dataclasses import replace

from controller.core.approval import PERMISSIONS, Approval, approve
from controller.core.comment import Text, notice, plan_comment, result_comment
from controller.core.environment import ApprovalRule
from controller.core.outcome import Failed
from controller.core.proposal import Proposal
from controller.core.pull import Pull, PullState, Review
from controller.core.request import Blob
from controller.core.run import Ended, Held, Run
from controller.core.summary import summarise_plan, summarise_result
from controller.errors import GitError, GitHubNotFound, GitHubRefused
from controller.pipeline.look import catalogue_blobs, catalogue_of
from controller.pipeline.turn import single_flight
from controller.ports import Comment, Ports, RunQuery

MANY = 1_000
"""More runs than one pull ever has."""


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
    runs = [each.run for each in ports.views.runs(RunQuery(commit=view.run.commit, limit=MANY))]
    summary = summarise_result((run for run in runs if run.pull is None), view.run.commit)
    if all(isinstance(run.state, Ended | Held) for run in summary.runs):
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
    # A locked conversation takes no comment; the statuses must not miss for that.
    for status in summary.statuses:
        ports.github.set_status(status)
    if proposal.touches_requests:
        _say(ports, proposal.pull.number, plan_comment(summary, ports.templates["comment"], ports.link))


def _report_result(ports: Ports, proposal: Proposal, runs: list[Run]) -> None:
    if not proposal.touches_requests and not runs:
        return
    pull = proposal.pull
    summary = summarise_result(runs, pull.merge_commit or pull.head, proposal.rejections)
    ports.github.set_status(summary.status)
    _say(ports, pull.number, result_comment(summary, ports.templates["comment"], ports.link))
    for run in summary.runs:
        if isinstance(run.state, Ended) and isinstance(run.state.outcome, Failed):
            _say(ports, pull.number, notice(run, pull.author, ports.templates["comment"], ports.link))


def _say(ports: Ports, number: int, text: Text) -> None:
    ports.github.say(number, Comment(text.marker, text.body))


def _approvals(ports: Ports, proposal: Proposal) -> tuple[Approval, ...]:
    """The approvals of each environment that the pull changes something in, by the default branch's rules."""
    names = proposal.environments
    if not names:
        return ()
    environments = catalogue_of(_trusted_blobs(ports, proposal.tip)).environments
    reviews = ports.github.reviews(proposal.pull.number)
    rules = {name: environments[name].format.approvals for name in sorted(names & environments.keys())}
    return tuple(_approval(ports, name, rule, proposal.pull, reviews) for name, rule in rules.items())


def _approval(
    ports: Ports, name: str, rule: ApprovalRule, pull: Pull, reviews: tuple[Review, ...]
) -> Approval:
    people = sorted({review.author for review in reviews} | {pull.author})
    answers = {
        (person, approver): _is_one_of(ports, person, approver)
        for person in people
        for approver in rule.approvers
    }
    authority = {person: any(answers[person, approver] for approver in rule.approvers) for person in people}
    unseen = tuple(
        approver for approver in rule.approvers if any(answers[person, approver] is None for person in people)
    )
    return replace(approve(name, rule, pull, reviews, authority), unseen=unseen)


def _trusted_blobs(ports: Ports, tip: str) -> Mapping[str, Blob]:
    """The catalogue of a tip that another machine may have looked at: then it is still to be fetched here."""
    try:
        return catalogue_blobs(ports, tip)
    except GitError:
        ports.git.fetch(tip)
        return catalogue_blobs(ports, tip)


def _is_one_of(ports: Ports, person: str, approver: str) -> bool | None:
    """Whether somebody is meant by an approver; None where GitHub does not show it to us."""
    organisation, slash, team = approver.removeprefix("@").partition("/")
    try:
        if approver in PERMISSIONS:
            return ports.github.permission(person) >= PERMISSIONS[approver]
        if not slash:
            return person.lower() == organisation.lower()
        return ports.github.is_member(organisation, team, person)
    except (GitHubNotFound, GitHubRefused):
        return None

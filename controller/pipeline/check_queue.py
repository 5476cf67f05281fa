"""check_queue: what a merge queue is about to merge is held against what was reviewed; no Terraform is run for it.

https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from controller.core import catalogue as catalogues
from controller.core import requests
from controller.core.proposal import Proposal
from controller.core.pull import Queued, Status, StatusState
from controller.core.rejection import Rejection
from controller.core.request import Blob
from controller.core.summary import PLAN, VALIDATE, many
from controller.core.wanted import changed_paths
from controller.errors import GitError, GitHubError
from controller.pipeline.look import catalogue_blobs, look, trusted_catalogue
from controller.pipeline.report import MANY, plan_summary
from controller.pipeline.turn import single_flight
from controller.ports import Conflicts, Ports, RunQuery


def check_queue(ports: Ports) -> None:
    """Set the statuses of every commit that the merge queue waits for."""
    single_flight(ports, "queue", lambda: _check_all(ports))


def _check_all(ports: Ports) -> None:
    waiting = ports.github.queued()
    heads = {pull.head for pull in ports.github.open_pulls()} if waiting else set()
    failures = []
    for queued in waiting:
        proposal = ports.views.proposal(queued.pull)
        if proposal is None or queued.commit in heads:  # not looked at yet; or a ref that no queue made
            continue
        try:
            for status in _statuses(ports, queued, proposal, waiting):
                ports.github.set_status(status)
        except (GitError, GitHubError) as error:  # those behind it are not to wait for it
            failures.append(error)
    if failures:
        raise failures[0]


def _statuses(
    ports: Ports, queued: Queued, proposal: Proposal, waiting: Iterable[Queued]
) -> tuple[Status, ...]:
    """The pull's own statuses, on the queue's commit; none where that commit is on no known one.

    Where it is not what was reviewed the plan's status fails.
    """
    runs = [view.run for view in ports.views.runs(RunQuery(pull=queued.pull, limit=MANY))]
    said = {status.context: status for status in plan_summary(ports, proposal, runs).statuses}
    ports.git.fetch(queued.commit, proposal.tip, proposal.pull.head)
    base = _base(ports, queued)
    if not _is_trusted(ports, base, queued, waiting):
        return ()
    changed = _changed(ports, base, queued.commit)
    if strange := _not_reviewed(ports, proposal, changed):
        said[PLAN] = _failed(said[PLAN], f"not what was reviewed: {', '.join(strange)}")
    if mistakes := _mistakes(ports, base, queued.commit, changed):
        said[VALIDATE] = _failed(said[VALIDATE], f"{many(len(mistakes), 'mistake')}: {mistakes[0]}")
    return tuple(replace(status, commit=queued.commit) for status in said.values())


def _failed(status: Status, words: str) -> Status:
    return replace(status, state=StatusState.FAILURE, description=words)


def _base(ports: Ports, queued: Queued) -> str:
    """The commit that the pull was put on: what the queue's ref names, if it is that, else the parent."""
    if ports.git.first_parents(queued.base, queued.commit) is not None:
        return queued.base
    line = ports.git.first_parents(None, queued.commit) or ()
    return line[-1].parents[0]


def _is_trusted(ports: Ports, base: str, queued: Queued, waiting: Iterable[Queued]) -> bool:
    """Whether a commit is put on the default branch, or on another of the queue's: whoever may push may make a ref."""
    tip = ports.git.tip()
    others = {other.commit for other in waiting if other.commit != queued.commit}
    return base != queued.commit and (
        base in others or (tip is not None and ports.git.first_parents(base, tip) is not None)
    )


def _changed(ports: Ports, base: str, commit: str) -> Mapping[str, Blob | None]:
    """What a commit makes of each file of ours that it changes; None of one that it deletes."""
    before, after = _ours(ports, base), _ours(ports, commit)
    return {path: after.get(path) for path in sorted(changed_paths(before, after))}


def _not_reviewed(ports: Ports, proposal: Proposal, changed: Mapping[str, Blob | None]) -> tuple[str, ...]:
    """The files that would not be what the pull's plans were made for."""
    tree = ports.git.merge(proposal.tip, proposal.pull.head)
    if isinstance(tree, Conflicts):
        return tree.paths
    reviewed = _ours(ports, tree)
    as_queued = {path: blob for path, blob in changed.items() if blob is not None}
    as_reviewed = {path: reviewed[path] for path in changed.keys() & reviewed.keys()}
    return tuple(sorted(changed_paths(as_reviewed, as_queued)))


def _mistakes(
    ports: Ports, base: str, commit: str, changed: Mapping[str, Blob | None]
) -> tuple[Rejection, ...]:
    # A pull may bring a kind and its first request together: what they come to is held after the merge.
    own = any(path.startswith(f"{catalogues.FOLDER}/") for path in changed)
    refused = look(ports, commit, trusted_catalogue(ports, commit if own else base)).requests.refused
    return tuple(rejection for path in changed for rejection in refused.get(path, ()))


def _ours(ports: Ports, tree: str) -> Mapping[str, Blob]:
    return {**ports.git.blobs(tree, requests.FOLDER), **catalogue_blobs(ports, tree)}

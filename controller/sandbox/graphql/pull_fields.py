"""The fields of pulls, their commits and statuses: https://docs.github.com/graphql/reference/objects#pullrequest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from controller.sandbox.acts import pulls
from controller.sandbox.forge import instant
from controller.sandbox.git import objects
from controller.sandbox.graphql.connections import connection
from controller.sandbox.graphql.queries import account, state
from controller.sandbox.graphql.resolvers import Arguments, Fields, Resolver
from controller.sandbox.nouns import Pull, Ref, Repository, Status, Team, User
from controller.sandbox.render.commits import association
from controller.sandbox.render.pulls import latest, mergeable_state
from controller.sandbox.render.users import node_id
from controller.sandbox.rest.call import Call
from controller.sandbox.rules import decisions, heads, owners

_MERGEABLE = {True: "MERGEABLE", False: "CONFLICTING", None: "UNKNOWN"}
_WORST = ("FAILURE", "ERROR", "PENDING", "SUCCESS")


@dataclass(frozen=True, slots=True)
class CommitAt:
    """A commit of a repository; read from git only when more than its sha is asked for."""

    repository: Repository
    oid: str


@dataclass(frozen=True, slots=True)
class Request:
    """That a review of a pull is asked of somebody, or of a team."""

    pull_request: Pull
    requested_reviewer: User | Team


def commit_at(call: Call, number: int, sha: str | None) -> CommitAt | None:
    """A commit of the repository with an id."""
    return CommitAt(call.forge.repository(number), sha) if sha else None


def url(call: Call, pull: Pull) -> str:
    """A pull's page."""
    return f"{call.view.web}/{call.forge.repository_of(pull).full_name}/pull/{pull.number}"


def _mergeable(call: Call, source: Pull, _arguments: Arguments) -> str:
    found = pulls.tested(call.forge, source)
    return _MERGEABLE[found.mergeable if found.state == "open" else None]


def _merge_state(call: Call, source: Pull, _arguments: Arguments) -> str:
    return mergeable_state(call.view, pulls.tested(call.forge, source)).upper()


def _decision(call: Call, source: Pull, _arguments: Arguments) -> str | None:
    return decisions.decision(call.forge, pulls.tested(call.forge, source))


def _requests(call: Call, source: Pull, arguments: Arguments) -> Any:
    organization = call.forge.repository_of(source).owner
    people = [call.forge.users.find(login.lower()) for login in source.requested_reviewers]
    teams = [call.forge.teams.find((organization, slug)) for slug in source.requested_teams]
    found = [Request(source, one) for one in (*people, *teams) if one]
    return connection("reviewRequests", found, arguments)


def _is_owner(call: Call, source: Request, _arguments: Arguments) -> bool:
    asked = source.requested_reviewer
    named = [owner for group in owners.groups(call.forge, source.pull_request) for owner in group]
    if isinstance(asked, Team):
        return any(owners.team_of(call.forge, owner) == asked for owner in named)
    return any(
        asked in owners.users(call.forge, owner) for owner in named if not owners.team_of(call.forge, owner)
    )


def _labels(call: Call, source: Pull, arguments: Arguments) -> Any:
    found = [call.forge.labels.find((source.repository, name.lower())) for name in source.labels]
    return connection("labels", [one for one in found if one], arguments)


def _commits(_call: Call, source: Pull, arguments: Arguments) -> Any:
    return connection("commits", [(source, sha) for sha in source.commits], arguments)


def _statuses(call: Call, source: CommitAt) -> list[Status]:
    return latest(call.forge.statuses.of((source.repository.id, source.oid)))


def _rollup(call: Call, source: CommitAt, _arguments: Arguments) -> CommitAt | None:
    return source if _statuses(call, source) else None


def _rollup_state(call: Call, source: CommitAt, _arguments: Arguments) -> str:
    states = {one.state.upper() for one in _statuses(call, source)}
    return next(state for state in _WORST if state in states)


def _commit_id(source: CommitAt) -> str:
    return node_id("C", source.repository.id) + source.oid


def _read(call: Call, source: CommitAt) -> objects.Commit:
    return objects.commit(call.forge.git(source.repository), source.oid)


def _pull_commit_id(_call: Call, source: Sequence[Any], _arguments: Arguments) -> str:
    return node_id("PURC", source[0].id) + str(source[1])


_PULL: dict[str, Resolver] = {
    "id": lambda _call, source, _: node_id("PR", source.id),
    "databaseId": lambda _call, source, _: source.id,
    "fullDatabaseId": lambda _call, source, _: str(source.id),
    "author": lambda call, source, _: account(call, source.user),
    "authorAssociation": lambda call, source, _: association(
        call.view, call.forge.repository_of(source), source.user
    ),
    "baseRefName": lambda _call, source, _: source.base_ref,
    "baseRefOid": lambda _call, source, _: source.base_sha,
    "baseRepository": lambda call, source, _: call.forge.repository_of(source),
    "body": lambda _call, source, _: source.body or "",
    "closed": lambda _call, source, _: source.state == "closed",
    "commits": _commits,
    "headRefName": lambda _call, source, _: source.head_ref,
    "headRefOid": lambda _call, source, _: source.head_sha,
    "headRepository": lambda call, source, _: heads.head_repository(call.forge, source),
    "headRepositoryOwner": lambda call, source, _: account(call, heads.head_owner(call.forge, source)),
    "isCrossRepository": lambda _call, source, _: source.head_repository != 0,
    "isDraft": lambda _call, source, _: source.draft,
    "labels": _labels,
    "mergeCommit": lambda call, source, _: commit_at(
        call, source.repository, source.merge_commit_sha if source.merged else None
    ),
    "mergeStateStatus": _merge_state,
    "mergeable": _mergeable,
    "mergedBy": lambda call, source, _: account(call, source.merged_by),
    "permalink": lambda call, source, _: url(call, source),
    "repository": lambda call, source, _: call.forge.repository_of(source),
    "reviewDecision": _decision,
    "reviewRequests": _requests,
    "state": lambda _call, source, _: state(source),
    "statusCheckRollup": lambda call, source, arguments: _rollup(
        call, CommitAt(call.forge.repository_of(source), source.head_sha), arguments
    ),
    "url": lambda call, source, _: url(call, source),
    "viewerDidAuthor": lambda call, source, _: source.user == call.user.login,
}
_COMMIT: dict[str, Resolver] = {
    "id": lambda _call, source, _: _commit_id(source),
    "abbreviatedOid": lambda _call, source, _: source.oid[:7],
    "committedDate": lambda call, source, _: instant(_read(call, source).committer.date),
    "message": lambda call, source, _: _read(call, source).message,
    "messageHeadline": lambda call, source, _: _read(call, source).headline,
    "statusCheckRollup": _rollup,
    "url": lambda call, source, _: f"{call.view.web}/{source.repository.full_name}/commit/{source.oid}",
}


def _target(call: Call, source: Ref, _arguments: Arguments) -> CommitAt | None:
    return commit_at(call, source.repository, source.sha)


FIELDS: Fields = {
    "PullRequest": _PULL,
    "Commit": _COMMIT,
    "PullRequestCommit": {
        "id": _pull_commit_id,
        "commit": lambda call, source, _: commit_at(call, source[0].repository, source[1]),
        "pullRequest": lambda _call, source, _: source[0],
        "url": lambda call, source, _: f"{url(call, source[0])}/commits/{source[1]}",
    },
    "StatusCheckRollup": {
        "id": lambda _call, source, _: f"SCR_{_commit_id(source)}",
        "commit": lambda _call, source, _: source,
        "contexts": lambda call, source, arguments: connection(
            "contexts", _statuses(call, source), arguments
        ),
        "state": _rollup_state,
    },
    "StatusContext": {
        "id": lambda _call, source, _: node_id("SC", source.id),
        "creator": lambda call, source, _: account(call, source.creator),
        "state": lambda _call, source, _: source.state.upper(),
    },
    "ReviewRequest": {
        "id": lambda _call, source, _: node_id("RR", source.pull_request.id) + source.requested_reviewer.name,
        "asCodeOwner": _is_owner,
    },
    "Ref": {
        "id": lambda _call, source, _: node_id("REF", source.id),
        "name": lambda _call, source, _: source.name.split("/", 2)[2],
        "target": _target,
    },
}

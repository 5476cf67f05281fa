"""Where a query begins, and the fields of repositories and their owners: https://docs.github.com/graphql/reference/queries."""

from typing import Any

from controller.sandbox.acts import pulls
from controller.sandbox.errors import RefusedError
from controller.sandbox.forge import instant
from controller.sandbox.graphql.connections import connection
from controller.sandbox.graphql.nodes import found_node
from controller.sandbox.graphql.problems import Problem
from controller.sandbox.graphql.resolvers import Arguments, Fields, Resolver
from controller.sandbox.nouns import Organization, Pull, Repository, Team, User
from controller.sandbox.render.users import node_id
from controller.sandbox.rest.call import Call


def account(call: Call, login: str | None) -> User | Organization | None:
    """A user or an organisation by login; None for nobody and for those who are gone."""
    name = (login or "").lower()
    return call.forge.users.find(name) or call.forge.organizations.find(name)


def state(pull: Pull) -> str:
    """`OPEN`, `CLOSED` or `MERGED`."""
    return "MERGED" if pull.merged else pull.state.upper()


def _repository(call: Call, _source: Any, arguments: Arguments) -> Repository:
    name = f"{arguments['owner']}/{arguments['name']}"
    found = call.forge.repositories.find(name.lower())
    if found is None or call.view.role(found) == "none":
        raise Problem("NOT_FOUND", f"Could not resolve to a Repository with the name '{name}'.")
    return found


def _pull_request(call: Call, source: Repository, arguments: Arguments) -> Pull:
    number = arguments["number"]
    found = call.forge.pulls.find((source.id, number))
    if found is None:
        raise Problem("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}.")
    return pulls.tested(call.forge, found)


def _pull_requests(call: Call, source: Repository, arguments: Arguments) -> Any:
    states, labels = arguments.get("states"), {name.lower() for name in arguments.get("labels") or ()}
    wanted = {"head_ref": arguments.get("headRefName"), "base_ref": arguments.get("baseRefName")}
    found = [
        pull
        for pull in call.forge.pulls_of(source)
        if (states is None or state(pull) in states)
        and all(ref is None or getattr(pull, name) == ref for name, ref in wanted.items())
        and (not labels or labels & {name.lower() for name in pull.labels})
    ]
    order = arguments.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
    keys = {
        "CREATED_AT": lambda pull: pull.number,
        "UPDATED_AT": lambda pull: (pull.updated_at, pull.number),
        "COMMENTS": lambda pull: (call.forge.comments.count(pull.id), pull.number),
    }
    found.sort(key=keys[order["field"]], reverse=order["direction"] == "DESC")
    return connection("pullRequests", found, arguments)


def _user(call: Call, _source: Any, arguments: Arguments) -> User:
    try:
        return call.forge.user(arguments["login"])
    except RefusedError:
        message = f"Could not resolve to a User with the login of '{arguments['login']}'."
        raise Problem("NOT_FOUND", message) from None


def _rate_limit(call: Call, _source: Any, _arguments: Arguments) -> Any:
    rate = call.forge.meter.rate(call.user.id, "graphql")
    facts = {"limit": rate.limit, "remaining": rate.remaining, "used": rate.used}
    return {**facts, "cost": 1, "nodeCount": 0, "resetAt": instant(rate.reset)}


def _default_branch(call: Call, source: Repository, _arguments: Arguments) -> Any:
    return call.forge.refs.find((source.id, f"refs/heads/{source.default_branch}"))


def _account_fields(noun: str) -> dict[str, Resolver]:
    return {
        "id": lambda _call, source, _: node_id(noun, source.id),
        "databaseId": lambda _call, source, _: source.id,
        "avatarUrl": lambda call, source, _: f"{call.view.web}/avatars/{source.login}",
        "url": lambda call, source, _: f"{call.view.web}/{source.login}",
        "email": lambda call, source, _: source.email if source == call.view.viewer else "",
    }


_REPOSITORY: dict[str, Resolver] = {
    "id": lambda _call, source, _: node_id("R", source.id),
    "databaseId": lambda _call, source, _: source.id,
    "nameWithOwner": lambda _call, source, _: source.full_name,
    "owner": lambda call, source, _: account(call, source.owner),
    "isFork": lambda call, source, _: call.forge.repositories.get(source.parent) is not None,
    "isPrivate": lambda _call, _source, _: True,
    "parent": lambda call, source, _: call.forge.repositories.get(source.parent),
    "url": lambda call, source, _: f"{call.view.web}/{source.full_name}",
    "defaultBranchRef": _default_branch,
    "pullRequest": _pull_request,
    "pullRequests": _pull_requests,
    "viewerPermission": lambda call, source, _: call.view.role(source).upper(),
    "mergeCommitAllowed": lambda _call, source, _: source.allow_merge_commit,
    "squashMergeAllowed": lambda _call, source, _: source.allow_squash_merge,
    "rebaseMergeAllowed": lambda _call, source, _: source.allow_rebase_merge,
}
_TEAM: dict[str, Resolver] = {
    "id": lambda _call, source, _: node_id("T", source.id),
    "databaseId": lambda _call, source, _: source.id,
    "combinedSlug": lambda _call, source, _: f"{source.organization}/{source.slug}",
    "url": lambda call, source, _: _team_page(call, source),
}
FIELDS: Fields = {
    "Query": {
        "id": lambda _call, _source, _: "MDU6UXVlcnk=",
        "viewer": lambda call, _source, _: call.user,
        "user": _user,
        "node": lambda call, _source, arguments: found_node(call, arguments["id"]),
        "nodes": lambda call, _source, arguments: [found_node(call, one) for one in arguments["ids"]],
        "repository": _repository,
        "rateLimit": _rate_limit,
    },
    "Repository": _REPOSITORY,
    "User": _account_fields("U"),
    "Bot": _account_fields("BOT"),
    "Organization": _account_fields("O"),
    "Team": _TEAM,
    "Label": {"id": lambda _call, source, _: node_id("LA", source.id)},
}


def _team_page(call: Call, source: Team) -> str:
    return f"{call.view.web}/orgs/{source.organization}/teams/{source.slug}"

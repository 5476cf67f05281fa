"""`POST /graphql`: drafts and review decisions, which REST does not have.

See https://docs.github.com/graphql/reference/mutations#markpullrequestreadyforreview,
https://docs.github.com/graphql/reference/mutations#convertpullrequesttodraft and
https://docs.github.com/graphql/reference/objects#pullrequest.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from controller.sandbox import pulls
from controller.sandbox.errors import RefusedError
from controller.sandbox.forge import allows, role
from controller.sandbox.graphql.document import DocumentError, Field, read
from controller.sandbox.nouns import Pull, Repository
from controller.sandbox.render.users import Json, node_id
from controller.sandbox.rest.answers import Answer, ok
from controller.sandbox.rest.call import Call

_DRAFTS = {"convertPullRequestToDraft": True, "markPullRequestReadyForReview": False}
_MERGEABLE = {True: "MERGEABLE", False: "CONFLICTING", None: "UNKNOWN"}


class _Problem(Exception):
    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def post(call: Call) -> Answer:
    """Answer a document; what goes wrong is said in `errors`, with status 200 as on GitHub.

    Raises:
        RefusedError: 401, nobody in particular asks; 400, there is no query.
    """
    call.user  # noqa: B018 nobody in particular is refused before anything is read
    if not call.opt("query", str):
        raise RefusedError(400, "A query attribute must be specified and must be a string.")
    try:
        operation = read(call.take("query", str), call.opt("variables", dict) or {})
        answer = _mutated if operation.kind == "mutation" else _queried
        return ok({"data": {field.alias: answer(call, field) for field in operation.fields}})
    except DocumentError as problem:
        return ok({"errors": [{"message": str(problem)}]})
    except _Problem as problem:
        return ok({"data": None, "errors": [{"type": problem.kind, "message": str(problem)}]})


def _mutated(call: Call, field: Field) -> Json:
    if field.name not in _DRAFTS:
        raise _missing(field.name, "Mutation")
    given = field.arguments.get("input")
    if not isinstance(given, dict):
        raise _Problem("INVALID", f"Field '{field.name}' is missing required arguments: input")
    pull = _node(call, given.get("pullRequestId"))
    repository = call.forge.repository_of(pull)
    if pull.user != call.user.login and not allows(role(repository, call.user), "write"):
        raise _Problem(
            "FORBIDDEN", f"{call.user.login} does not have the correct permissions to execute `{field.name}`"
        )
    if pull.state == "closed":
        raise _Problem("UNPROCESSABLE", "Pull request is closed")
    changed = pulls.set_draft(call.forge, pull, call.user, draft=_DRAFTS[field.name])
    mutation = given.get("clientMutationId")
    return _chosen(field, {"clientMutationId": mutation, "pullRequest": _pull(call, changed)}, "Payload")


def _queried(call: Call, field: Field) -> Any:
    if field.name == "viewer":
        return _chosen(field, {"login": call.user.login, "name": call.user.name}, "User")
    if field.name == "node":
        return _chosen(field, _pull(call, _node(call, field.arguments.get("id"))), "PullRequest")
    if field.name != "repository":
        raise _missing(field.name, "Query")
    name = "{owner}/{name}".format_map({"owner": "", "name": "", **field.arguments})
    found = call.forge.repositories.find(name.lower())
    if found is None or role(found, call.user) == "none":
        raise _Problem("NOT_FOUND", f"Could not resolve to a Repository with the name '{name}'.")
    return {one.alias: _of_repository(call, found, one) for one in field.fields}


def _of_repository(call: Call, repository: Repository, field: Field) -> Any:
    if field.name != "pullRequest":
        facts = {
            "id": node_id("R", repository.id),
            "name": repository.name,
            "nameWithOwner": repository.full_name,
        }
        return _chosen(Field("", "", {}, (field,)), facts, "Repository")[field.alias]
    number = field.arguments.get("number")
    pull = call.forge.pulls.find((repository.id, number))
    if pull is None:
        raise _Problem("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}.")
    return _chosen(field, _pull(call, pull), "PullRequest")


def _pull(call: Call, found: Pull) -> Json:
    pull = pulls.tested(call.forge, found)
    # Without branch protection no review is required, and so there is nothing to decide.
    return {
        "__typename": "PullRequest",
        "id": node_id("PR", pull.id),
        "number": pull.number,
        "title": pull.title,
        "body": pull.body or "",
        "state": "MERGED" if pull.merged else pull.state.upper(),
        "isDraft": pull.draft,
        "merged": pull.merged,
        "mergeable": _MERGEABLE[pull.mergeable],
        "headRefName": pull.head_ref,
        "headRefOid": pull.head_sha,
        "baseRefName": pull.base_ref,
        "baseRefOid": pull.base_sha,
        "reviewDecision": None,
        "author": {"login": pull.user},
    }


def _chosen(field: Field, value: Mapping[str, Any], kind: str) -> Json:
    chosen = dict[str, Any]()
    for one in field.fields:
        if one.name not in value:
            raise _missing(one.name, kind)
        inner = value[one.name]
        chosen[one.alias] = _chosen(one, inner, one.name) if isinstance(inner, dict) else inner
    return chosen


def _node(call: Call, name: Any) -> Pull:
    pull = call.forge.pulls.get(_record_id(str(name)))
    if pull is None or role(call.forge.repository_of(pull), call.user) == "none":
        raise _Problem("NOT_FOUND", f"Could not resolve to a node with the global id of '{name}'")
    return pull


def _record_id(name: str) -> int:
    noun, _, coded = name.partition("_")
    try:
        return int(base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4))) if noun == "PR" else 0
    except (binascii.Error, ValueError):
        return 0


def _missing(name: str, kind: str) -> _Problem:
    return _Problem("undefinedField", f"Field '{name}' doesn't exist on type '{kind}'")

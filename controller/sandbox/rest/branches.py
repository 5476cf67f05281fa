"""Branches: https://docs.github.com/rest/branches/branches."""

from controller.sandbox.acts.refs import HEADS
from controller.sandbox.errors import RefusedError, not_found
from controller.sandbox.forge import allows
from controller.sandbox.git import objects
from controller.sandbox.nouns import Protection, Ref, Repository
from controller.sandbox.render import branches
from controller.sandbox.rest.answers import Answer, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import REPO, endpoints

BRANCH = REPO + "/branches/{branch:path}"


def list_branches(call: Call) -> Answer:
    """A repository's branches by name, narrowed by `protected`; none while it is empty."""
    repository, wanted = call.repository(), call.query.get("protected")
    found = [
        ref
        for ref in call.forge.refs.of(repository.id)
        if ref.name.startswith(HEADS)
        and (wanted is None or (wanted == "true") == branches.is_protected(call.forge, repository, ref))
    ]
    found.sort(key=lambda ref: ref.name)
    return call.listed(found, lambda ref: branches.short(call.view, repository, ref))


def get_branch(call: Call) -> Answer:
    """A branch with its newest commit."""
    repository = call.repository()
    found = found_branch(call, repository)
    commit = objects.commit(call.forge.git(repository), found.sha)
    return ok(branches.full(call.view, repository, found, commit))


def found_branch(call: Call, repository: Repository) -> Ref:
    """The branch in the path.

    Raises:
        RefusedError: 404, there is none; GitHub names what is missing here, and only here.
    """
    found = call.forge.refs.find((repository.id, HEADS + call.path["branch"]))
    if found is None:
        raise RefusedError(404, "Branch not found")
    return found


def administered(call: Call) -> Repository:
    """The repository in the path, for those who administer it.

    Raises:
        RefusedError: 404, for everybody else there is no such thing as its protection.
    """
    repository = call.repository()
    if not allows(call.view.role(repository), "admin"):
        raise not_found()
    return repository


def protected(call: Call) -> Protection:
    """The protection of the branch in the path.

    Raises:
        RefusedError: 404, there is no such branch, or it is not protected.
    """
    repository = administered(call)
    found_branch(call, repository)
    found = call.forge.protections.find((repository.id, call.path["branch"]))
    if found is None:
        raise RefusedError(404, "Branch not protected")
    return found


ENDPOINTS = endpoints(
    REPO + "/branches",
    "branches/branches",
    ("contents",),
    ("GET ", list_branches),
    ("GET /{branch:path}", get_branch),
)

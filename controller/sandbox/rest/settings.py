"""A repository's settings, and its end: https://docs.github.com/rest/repos/repos#update-a-repository."""

from dataclasses import replace

from controller.sandbox.acts import forks
from controller.sandbox.acts.refs import HEADS
from controller.sandbox.errors import invalid
from controller.sandbox.forge import now
from controller.sandbox.nouns import Repository
from controller.sandbox.render.repositories import full_repository
from controller.sandbox.render.users import Json
from controller.sandbox.rest.answers import Answer, nothing, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import REPO, endpoints

_SWITCHES = (
    "allow_merge_commit",
    "allow_squash_merge",
    "allow_rebase_merge",
    "allow_update_branch",
    "delete_branch_on_merge",
)


def update_repository(call: Call) -> Answer:
    """Change a repository's description, default branch, and what may be done with its pulls.

    Raises:
        RefusedError: 403, the caller is no administrator; 422, no such branch, or no way to merge would be left.
    """
    repository = call.repository("admin")
    switches = {name: call.opt(name, bool) for name in _SWITCHES}
    new: Json = {name: value for name, value in switches.items() if value is not None}
    if "description" in call.json():
        new["description"] = call.opt("description", str) or ""
    branch = call.opt("default_branch", str)
    if branch:
        new["default_branch"] = _existing(call, repository, branch)
    changed = replace(repository, **new, updated_at=now())
    if not (changed.allow_merge_commit or changed.allow_squash_merge or changed.allow_rebase_merge):
        message = "Sorry, you need to allow at least one merge strategy. (no_merge_method)"
        raise invalid("Repository", message, "merge_commit_allowed")
    return ok(full_repository(call.view, call.forge.repositories.put(changed)))


def delete_repository(call: Call) -> Answer:
    """Delete a repository.

    Raises:
        RefusedError: 403, the caller is no administrator.
    """
    forks.delete(call.forge, call.repository("admin"))
    return nothing()


def _existing(call: Call, repository: Repository, branch: str) -> str:
    if call.forge.branch(repository, branch) is None:
        message = f"The branch {branch} was not found. Please push that ref first or create it via the Git Data API."
        raise invalid("Repository", message, "default_branch", "invalid")
    call.forge.git(repository).text("symbolic-ref", "HEAD", HEADS + branch)
    return branch


ENDPOINTS = endpoints(
    REPO,
    "repos/repos",
    ("administration",),
    ("PATCH ", update_repository),
    ("DELETE ", delete_repository),
)

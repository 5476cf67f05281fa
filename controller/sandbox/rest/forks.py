"""Forks: https://docs.github.com/rest/repos/forks."""

from controller.sandbox.acts import forks
from controller.sandbox.errors import unprocessable
from controller.sandbox.render.repositories import full_repository, repository
from controller.sandbox.rest.answers import Answer
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import REPO, endpoints
from controller.sandbox.rules import heads


def list_forks(call: Call) -> Answer:
    """A repository's forks that the caller may see, newest first; `sort` may be `oldest`."""
    found = heads.forks(call.forge, call.repository())
    seen = [one for one in found if call.view.role(one) != "none"]
    ordered = seen if call.query.get("sort") == "oldest" else seen[::-1]
    return call.listed(ordered, lambda one: repository(call.view, one))


def create_fork(call: Call) -> Answer:
    """Fork a repository, to the caller's own account or to an organisation's; whoever may read may.

    Raises:
        RefusedError: 422, it is empty, nothing can be called so, or the caller is no member of such an organisation.
    """
    parent, owner = call.repository(), call.opt("organization", str) or call.user.login
    name = call.opt("name", str)
    organization = call.forge.organizations.find(owner.lower())
    if owner != call.user.login and (organization is None or call.user.login not in organization.members):
        raise unprocessable(f"Invalid request.\n\n{owner} is not an organization that you can fork to.")
    made = forks.fork(
        call.forge,
        parent,
        call.user,
        organization.login if organization else owner,
        parent.name if name is None else name,
        default_branch_only=bool(call.opt("default_branch_only", bool)),
    )
    return Answer(202, full_repository(call.view, made))


ENDPOINTS = (
    *endpoints(REPO + "/forks", "repos/forks", ("metadata",), ("GET ", list_forks)),
    *endpoints(REPO + "/forks", "repos/forks", ("administration,contents=read",), ("POST ", create_fork)),
)

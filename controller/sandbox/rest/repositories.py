"""Repositories, their branches and collaborators: https://docs.github.com/rest/repos and https://docs.github.com/rest/collaborators."""

from controller.sandbox import objects
from controller.sandbox.errors import not_found
from controller.sandbox.forge import View, role
from controller.sandbox.nouns import Ref, Repository, User
from controller.sandbox.refs import HEADS
from controller.sandbox.render import commits
from controller.sandbox.render.repositories import full_repository, repository_url
from controller.sandbox.render.repositories import repository as shown_repository
from controller.sandbox.render.users import Json, collaborator
from controller.sandbox.rest.answers import Answer, nothing, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import REPO, endpoints

_LEGACY = {"maintain": "write", "triage": "read"}


def get_repository(call: Call) -> Answer:
    """A repository."""
    return ok(full_repository(call.view, call.repository()))


def list_repositories(call: Call) -> Answer:
    """Every repository that the caller may see."""
    seen = [found for found in call.forge.repositories.all() if role(found, call.user) != "none"]
    return call.listed(seen, lambda found: shown_repository(call.view, found))


def list_branches(call: Call) -> Answer:
    """A repository's branches by name; none while it is empty."""
    repository = call.repository()
    branches = [ref for ref in call.forge.refs.of(repository.id) if ref.name.startswith(HEADS)]
    return call.listed(
        sorted(branches, key=lambda ref: ref.name), lambda ref: _short_branch(call.view, repository, ref)
    )


def get_branch(call: Call) -> Answer:
    """A branch with its newest commit: https://docs.github.com/rest/branches/branches#get-a-branch.

    Raises:
        RefusedError: 404, there is no such branch.
    """
    repository = call.repository()
    found = call.forge.refs.find((repository.id, HEADS + call.path["branch"]))
    if found is None:
        raise not_found_branch()
    commit = objects.commit(call.forge.git(repository), found.sha)
    short = _short_branch(call.view, repository, found)
    url = f"{repository_url(call.view, repository)}/branches/{short['name']}"
    html = f"{call.view.web}/{repository.full_name}/tree/{short['name']}"
    links = {"self": url, "html": html}
    return ok({**short, "commit": commits.commit(call.view, repository, commit), "_links": links})


def not_found_branch() -> Exception:
    """GitHub names what is missing here, and only here."""
    found = not_found()
    found.message = "Branch not found"
    return found


def list_collaborators(call: Call) -> Answer:
    """Who may do what; for those who may push."""
    repository = call.repository("write")
    people = [call.forge.user(login) for login in repository.roles]
    return call.listed(people, lambda user: collaborator(call.view, repository, user))


def check_collaborator(call: Call) -> Answer:
    """204 for a collaborator, 404 for anybody else."""
    if role(call.repository(), _person(call)) == "none":
        raise not_found()
    return nothing()


def get_permission(call: Call) -> Answer:
    """What somebody may do, with GitHub's old four words in `permission`.

    See https://docs.github.com/rest/collaborators/collaborators#get-repository-permissions-for-a-user.
    """
    repository, user = call.repository(), _person(call)
    held = role(repository, user)
    shown = collaborator(call.view, repository, user)
    return ok({"permission": _LEGACY.get(held, held), "role_name": held, "user": shown})


def _person(call: Call) -> User:
    return call.forge.user(call.path["username"])


def _short_branch(view: View, repository: Repository, found: Ref) -> Json:
    name = found.name.removeprefix(HEADS)
    url = repository_url(view, repository)
    return {
        "name": name,
        "commit": {"sha": found.sha, "url": f"{url}/commits/{found.sha}"},
        "protected": False,
        "protection": {
            "enabled": False,
            "required_status_checks": {"enforcement_level": "off", "contexts": [], "checks": []},
        },
        "protection_url": f"{url}/branches/{name}/protection",
    }


ENDPOINTS = (
    *endpoints(
        "/user/repos",
        "repos/repos",
        ("metadata",),
        ("GET ", list_repositories),
    ),
    *endpoints(
        REPO,
        "repos/repos",
        ("metadata",),
        ("GET ", get_repository),
    ),
    *endpoints(
        REPO + "/branches",
        "branches/branches",
        ("contents",),
        ("GET ", list_branches),
        ("GET /{branch:path}", get_branch),
    ),
    *endpoints(
        REPO + "/collaborators",
        "collaborators/collaborators",
        ("metadata",),
        ("GET ", list_collaborators),
        ("GET /{username}", check_collaborator),
        ("GET /{username}/permission", get_permission),
    ),
)

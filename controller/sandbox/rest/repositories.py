"""Repositories: https://docs.github.com/rest/repos/repos."""

from controller.sandbox.render.repositories import full_repository
from controller.sandbox.render.repositories import repository as shown_repository
from controller.sandbox.rest.answers import Answer, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import REPO, endpoints


def get_repository(call: Call) -> Answer:
    """A repository."""
    return ok(full_repository(call.view, call.repository()))


def list_repositories(call: Call) -> Answer:
    """Every repository that the caller may see."""
    seen = [found for found in call.forge.repositories.all() if call.view.role(found) != "none"]
    return call.listed(seen, lambda found: shown_repository(call.view, found))


ENDPOINTS = (
    *endpoints(
        "/user/repos",
        "repos/repos",
        "user",
        ("GET ", list_repositories),
    ),
    *endpoints(
        REPO,
        "repos/repos",
        ("metadata",),
        ("GET ", get_repository),
    ),
)

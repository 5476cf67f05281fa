"""Where Apps are installed: https://docs.github.com/rest/apps/installations."""

from collections.abc import Iterable

from controller.sandbox.accounts import apps, installations
from controller.sandbox.errors import not_found
from controller.sandbox.nouns import Installation, Repository, User
from controller.sandbox.render.apps import installation
from controller.sandbox.rest.answers import Answer, nothing, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import REPO, endpoints
from controller.sandbox.rest.organizations import own_organization


def list_installations(call: Call) -> Answer:
    """Where the App that asks is installed."""
    found = [one for one in call.forge.installations.all() if one.app == call.app.id]
    return call.listed(found, lambda one: installation(call.view, one))


def get_installation(call: Call) -> Answer:
    """One of the App's installations."""
    return ok(installation(call.view, own_installation(call)))


def delete_installation(call: Call) -> Answer:
    """Uninstall the App."""
    installations.uninstall(call.forge, own_installation(call), _bot(call))
    return nothing()


def suspend_installation(call: Call) -> Answer:
    """Suspend an installation."""
    installations.suspend(call.forge, own_installation(call), _bot(call))
    return nothing()


def unsuspend_installation(call: Call) -> Answer:
    """Let a suspended installation work again."""
    installations.unsuspend(call.forge, own_installation(call), _bot(call))
    return nothing()


def get_installation_of_repository(call: Call) -> Answer:
    """The App's installation that reaches a repository."""
    repository = call.forge.repositories.find(f"{call.path['owner']}/{call.path['repo']}".lower())
    reaching = call.forge.installations_on(repository) if repository else []
    return ok(installation(call.view, _first(one for one in reaching if one.app == call.app.id)))


def get_installation_of_organization(call: Call) -> Answer:
    """The App's installation on an organisation."""
    found = call.forge.installations.find((call.app.id, call.path["org"].lower()))
    return ok(installation(call.view, _first([found] if found else [])))


def list_installations_of_organization(call: Call) -> Answer:
    """The Apps that are installed on an organisation; for its owners."""
    owner = own_organization(call, admin=True)
    found, headers = call.page(call.forge.installations.of(owner.login.lower()))
    shown = [installation(call.view, one) for one in found]
    total = call.forge.installations.count(owner.login.lower())
    return Answer(200, {"total_count": total, "installations": shown}, headers)


def add_repository(call: Call) -> Answer:
    """Let an installation reach a repository too; for the repository's admins."""
    installations.add_repository(call.forge, *_adjusted(call), call.user)
    return nothing()


def remove_repository(call: Call) -> Answer:
    """Let an installation no longer reach a repository; for the repository's admins."""
    installations.remove_repository(call.forge, *_adjusted(call), call.user)
    return nothing()


def own_installation(call: Call) -> Installation:
    """The installation in the path.

    Raises:
        RefusedError: 404, the App that asks has none such.
    """
    found = call.forge.installations.get(call.number("installation_id"))
    return _first(one for one in [found] if one and one.app == call.app.id)


def _adjusted(call: Call) -> tuple[Installation, Repository]:
    found = call.forge.installations.get(call.number("installation_id"))
    repository = call.forge.repository(call.number("repository_id"))
    if found is None or found.account != repository.owner or not call.may(repository, "admin"):
        raise not_found()
    return found, repository


def _bot(call: Call) -> User:
    return apps.bot(call.forge, call.app)


def _first(found: Iterable[Installation]) -> Installation:
    first = next(iter(found), None)
    if first is None:
        raise not_found()
    return first


ENDPOINTS = (
    *endpoints(
        "/app/installations",
        "apps/apps",
        "app",
        ("GET ", list_installations),
        ("GET /{installation_id}", get_installation),
        ("DELETE /{installation_id}", delete_installation),
        ("PUT /{installation_id}/suspended", suspend_installation),
        ("DELETE /{installation_id}/suspended", unsuspend_installation),
    ),
    *endpoints(
        "",
        "apps/apps",
        "app",
        (f"GET {REPO}/installation", get_installation_of_repository),
        ("GET /orgs/{org}/installation", get_installation_of_organization),
    ),
    *endpoints(
        "/orgs/{org}/installations",
        "orgs/orgs",
        ("organization_administration",),
        ("GET ", list_installations_of_organization),
    ),
    *endpoints(
        "/user/installations/{installation_id}/repositories/{repository_id}",
        "apps/installations",
        "user",
        ("PUT ", add_repository),
        ("DELETE ", remove_repository),
    ),
)

"""The tokens of installations: https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app."""

from controller.sandbox.accounts import installation_tokens
from controller.sandbox.errors import RefusedError
from controller.sandbox.forge import covers
from controller.sandbox.nouns import Installation, InstallationToken, Level
from controller.sandbox.render.apps import token
from controller.sandbox.render.repositories import repository as shown_repository
from controller.sandbox.render.users import permissions
from controller.sandbox.rest.answers import Answer, nothing
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import endpoints
from controller.sandbox.rest.fields import integers, one_of, strings, typed
from controller.sandbox.rest.installations import own_installation

_UNREACHED = (
    "There is at least one repository that does not exist or is not accessible to the parent installation."
)


def create_token(call: Call) -> Answer:
    """Make a token, for all that the installation may or for less.

    Raises:
        RefusedError: 403, it is suspended; 422, it has not what is asked for.
    """
    found = own_installation(call)
    made = installation_tokens.mint(
        call.forge, found, installation_tokens.Scope(_wanted(call, found), _permissions(call))
    )
    return Answer(201, token(call.view, made, found))


def list_repositories(call: Call) -> Answer:
    """The repositories that a token reaches."""
    reached = [one for one in call.forge.repositories.all() if call.view.role(one) != "none"]
    page, headers = call.page(reached)
    shown = [
        {**shown_repository(call.view, one), "permissions": permissions(call.view.role(one))} for one in page
    ]
    selection = "selected" if _token(call).repositories else _through(call).repository_selection
    body = {"total_count": len(reached), "repository_selection": selection, "repositories": shown}
    return Answer(200, body, headers)


def revoke_token(call: Call) -> Answer:
    """End the token that asks."""
    call.forge.installation_tokens.drop(_token(call))
    return nothing()


def _token(call: Call) -> InstallationToken:
    if not isinstance(call.view.grant, InstallationToken):
        raise RefusedError(401, "Requires authentication")
    return call.view.grant


def _through(call: Call) -> Installation:
    return installation_tokens.installation_of(call.forge, _token(call))


def _wanted(call: Call, found: Installation) -> tuple[int, ...] | None:
    ids = integers("repository_ids", call.json().get("repository_ids"))
    names = strings("repositories", call.json().get("repositories"))
    if not ids and not names:
        return None
    own = [one for one in call.forge.repositories.of(found.account) if covers(found, one)]
    by_name = {one.name.lower(): one.id for one in own}
    wanted = [*ids, *(by_name.get(name.lower(), 0) for name in names)]
    if not set(wanted) <= set(by_name.values()):
        raise RefusedError(422, _UNREACHED)
    return tuple(dict.fromkeys(wanted))


def _permissions(call: Call) -> dict[str, Level]:
    given = typed("permissions", call.json().get("permissions"), dict) or {}
    levels = {
        name: one_of(f"permissions/{name}", str(level), ("read", "write")) for name, level in given.items()
    }
    return {name: "write" if level == "write" else "read" for name, level in levels.items()}


ENDPOINTS = (
    *endpoints(
        "/app/installations/{installation_id}/access_tokens",
        "apps/apps",
        "app",
        ("POST ", create_token),
    ),
    *endpoints(
        "/installation",
        "apps/installations",
        "installation",
        ("GET /repositories", list_repositories),
        ("DELETE /token", revoke_token),
    ),
)

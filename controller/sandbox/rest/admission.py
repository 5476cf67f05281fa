"""Whether a caller may ask at all, before anybody answers.

What a person may do is their role's matter, and the handlers'; what an App may do is its permissions' matter, and settled here:
https://docs.github.com/rest/authentication/permissions-required-for-github-apps.
"""

from controller.sandbox.accounts.keys import undecodable
from controller.sandbox.errors import RefusedError, forbidden
from controller.sandbox.nouns import App, InstallationToken
from controller.sandbox.permissions import holds
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import Endpoint

_NOT_FOR_APPS = "Resource not accessible by integration"
_ONLY_FOR_INSTALLATIONS = "You must authenticate with an installation access token in order to list repositories for an installation."


def admit(call: Call, endpoint: Endpoint) -> None:
    """Let a caller through to an endpoint.

    Raises:
        RefusedError: 401, only an App may ask, or only a person; 403, no App may, only an installation may, or it has not the permission;
            404, the repository is none of the installation's.
    """
    grant = call.view.grant
    if endpoint.permission == "app":
        if not isinstance(grant, App):
            raise undecodable()
    elif endpoint.permission == "installation":
        _only_for_installations(call)
    elif endpoint.permission == "user" and call.view.caller is None:
        raise RefusedError(401, "Requires authentication")
    elif isinstance(grant, App) and endpoint.permission:
        raise forbidden(_NOT_FOR_APPS)
    elif isinstance(grant, InstallationToken):
        _admit_installation(call, grant, endpoint)


def accepted(endpoint: Endpoint) -> str:
    """What an installation needs, in the words of `X-Accepted-GitHub-Permissions`."""
    sets = (",".join(f"{name}={level}" for name, level in one.items()) for one in endpoint.accepted())
    return "; ".join(sets) or "allows_permissionless_access=true"


def _admit_installation(call: Call, token: InstallationToken, endpoint: Endpoint) -> None:
    if {"owner", "repo"} <= call.path.keys() and endpoint.permission:
        call.repository()
    sets = endpoint.accepted()
    enough = any(all(holds(token.permissions, name, level) for name, level in one.items()) for one in sets)
    if endpoint.permission == "user" or (sets and not enough):
        raise forbidden(_NOT_FOR_APPS)


def _only_for_installations(call: Call) -> None:
    if call.view.caller is None:
        raise RefusedError(401, "Requires authentication")
    if not isinstance(call.view.grant, InstallationToken):
        raise forbidden(_ONLY_FOR_INSTALLATIONS)

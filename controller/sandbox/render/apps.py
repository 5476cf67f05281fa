"""Apps, their installations and tokens as GitHub shows them: https://docs.github.com/rest/apps."""

from controller.sandbox.forge import covers
from controller.sandbox.nouns import App, Hook, Installation, InstallationToken
from controller.sandbox.render.repositories import repository
from controller.sandbox.render.users import Json, account, node_id, person
from controller.sandbox.view import View


def app(view: View, found: App) -> Json:
    """An App."""
    page = f"{view.web}/apps/{found.slug}"
    installed = [one for one in view.forge.installations.all() if one.app == found.id]
    return {
        "id": found.id,
        "slug": found.slug,
        "client_id": found.client_id,
        "node_id": node_id("A", found.id),
        "owner": account(view, found.owner),
        "name": found.name,
        "description": found.description,
        "external_url": page,
        "html_url": page,
        "created_at": found.created_at,
        "updated_at": found.updated_at,
        "permissions": found.permissions,
        "events": list(hook_of(view, found.id).events),
        "installations_count": len(installed),
    }


def installation(view: View, found: Installation) -> Json:
    """An App's installation on an account."""
    owner = account(view, found.account)
    app = view.forge.apps.get(found.app)
    url = f"{view.api}/app/installations/{found.id}"
    return {
        "id": found.id,
        "client_id": app.client_id if app else "",
        "account": owner,
        "repository_selection": found.repository_selection,
        "access_tokens_url": f"{url}/access_tokens",
        "repositories_url": f"{view.api}/installation/repositories",
        "html_url": f"{view.web}/organizations/{found.account}/settings/installations/{found.id}",
        "app_id": found.app,
        "app_slug": app.slug if app else "",
        "target_id": owner["id"],
        "target_type": owner["type"],
        "permissions": found.permissions,
        "events": list(hook_of(view, found.app).events),
        "created_at": found.created_at,
        "updated_at": found.updated_at,
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": person(view, found.suspended_by),
        "suspended_at": found.suspended_at,
    }


def token(view: View, found: InstallationToken, through: Installation) -> Json:
    """A token, which is shown this once; its repositories where it was narrowed to some."""
    shown = {
        "token": found.token,
        "expires_at": found.expires_at,
        "permissions": found.permissions,
        "repository_selection": through.repository_selection if found.repositories is None else "selected",
    }
    if found.repositories is None:
        return shown
    reached = [one for one in view.forge.repositories.all() if one.id in found.repositories]
    return {**shown, "repositories": [repository(view, one) for one in reached if covers(through, one)]}


def hook_of(view: View, app_id: int) -> Hook:
    """An App's one webhook."""
    return view.forge.hooks.of(app_id)[0]

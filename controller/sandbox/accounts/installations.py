"""Where Apps are installed: https://docs.github.com/apps/using-github-apps/installing-a-github-app-from-a-third-party."""

from collections.abc import Iterable
from dataclasses import replace

from controller.sandbox.errors import invalid
from controller.sandbox.forge import Forge, covers, now
from controller.sandbox.nouns import App, Installation, Repository, User
from controller.sandbox.webhooks import app_events


def install(
    forge: Forge, app: App, account: str, sender: User, repositories: Iterable[Repository] | None = None
) -> Installation:
    """Install an App on an account, with all that it asks for.

    Args:
        forge: The state.
        app: The App.
        account: The organisation's or the user's login.
        sender: Who installs it.
        repositories: On which repositories; None is on all, also on those to come.

    Raises:
        RefusedError: 422, it is installed there.
    """
    if forge.installations.find((app.id, account.lower())):
        raise invalid("Installation", f"{app.name} is installed on {account}", code="already_exists")
    made = forge.installations.add(
        Installation(
            app=app.id,
            account=account,
            repository_selection="all" if repositories is None else "selected",
            repositories=tuple(one.id for one in repositories or ()),
            permissions=app.permissions,
            created_at=now(),
            updated_at=now(),
        )
    )
    app_events.installation(forge, made, sender, "created")
    return made


def uninstall(forge: Forge, found: Installation, sender: User) -> None:
    """Take an App off an account; its tokens end."""
    for token in forge.installation_tokens.of(found.id):
        forge.installation_tokens.drop(token)
    forge.installations.drop(found)
    app_events.installation(forge, found, sender, "deleted")


def suspend(forge: Forge, found: Installation, sender: User) -> Installation:
    """Let an installation do nothing for a while."""
    changed = forge.installations.put(
        replace(found, suspended_at=now(), suspended_by=sender.login, updated_at=now())
    )
    app_events.installation(forge, changed, sender, "suspend")
    return changed


def unsuspend(forge: Forge, found: Installation, sender: User) -> Installation:
    """Let an installation work again."""
    changed = forge.installations.put(replace(found, suspended_at=None, suspended_by=None, updated_at=now()))
    app_events.installation(forge, changed, sender, "unsuspend")
    return changed


def add_repository(forge: Forge, found: Installation, repository: Repository, sender: User) -> Installation:
    """Let an installation reach a repository too."""
    if covers(found, repository):
        return found
    wanted = (*found.repositories, repository.id)
    changed = forge.installations.put(replace(found, repositories=wanted, updated_at=now()))
    app_events.installation_repositories(forge, changed, sender, added=[repository])
    return changed


def remove_repository(
    forge: Forge, found: Installation, repository: Repository, sender: User
) -> Installation:
    """Let an installation no longer reach a repository.

    Raises:
        RefusedError: 422, it is on all repositories, or this one is its last.
    """
    if found.repository_selection == "all" or found.repositories == (repository.id,):
        raise invalid("Installation", "An installation must have at least one repository")
    left = tuple(number for number in found.repositories if number != repository.id)
    changed = forge.installations.put(replace(found, repositories=left, updated_at=now()))
    app_events.installation_repositories(forge, changed, sender, removed=[repository])
    return changed

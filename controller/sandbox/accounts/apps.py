"""GitHub Apps: https://docs.github.com/apps."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from controller.sandbox.accounts import keys
from controller.sandbox.errors import not_found
from controller.sandbox.forge import Forge, now
from controller.sandbox.nouns import App, Hook, Level, User
from controller.sandbox.permissions import with_metadata


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an App is made from: https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest.

    Args:
        name: Its name, which its slug is made from.
        permissions: What it may ask an account for.
        events: What its webhook listens to.
        description: What a person reads of it.
    """

    name: str
    permissions: Mapping[str, Level]
    events: tuple[str, ...] = ()
    description: str = ""

    @property
    def slug(self) -> str:
        """The name that addresses use."""
        return "-".join(self.name.lower().split())


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an App's owner configures it with; `private_key` is a PEM."""

    app_id: int
    client_id: str
    slug: str
    installation_id: int
    private_key: str
    webhook_secret: str


def create(forge: Forge, owner: str, manifest: Manifest) -> App:
    """Make an App with its bot, and a webhook that sends nothing before it is told where to."""
    slug, at = manifest.slug, now()
    app = forge.apps.add(
        App(
            slug=slug,
            client_id=f"Iv23{secrets.token_hex(8)}",
            name=manifest.name,
            description=manifest.description,
            owner=owner,
            permissions=with_metadata(manifest.permissions),
            created_at=at,
            updated_at=at,
        )
    )
    login = f"{slug}[bot]"
    email = f"{app.id}+{login}@users.noreply.example.com"
    forge.users.add(User(login=login, name=login, email=email, token="", created_at=at, type="Bot"))
    forge.hooks.add(_hook(app, manifest.events))
    return app


def credentials(forge: Forge, slug: str) -> Credentials:
    """What is needed to act as an App that is installed on one account.

    Raises:
        RefusedError: 404, there is none such.
    """
    app = forge.apps.find(slug)
    found = next((one for one in forge.installations.all() if app and one.app == app.id), None)
    if app is None or found is None:
        raise not_found()
    secret = forge.hooks.of(app.id)[0].secret or ""
    return Credentials(app.id, app.client_id, slug, found.id, keys.private_key(forge, app), secret)


def bot(forge: Forge, app: App) -> User:
    """The user in whose name an App acts."""
    return forge.user(f"{app.slug}[bot]")


def _hook(app: App, events: tuple[str, ...]) -> Hook:
    return Hook(
        target=app.id,
        target_type="integration",
        url="",
        content_type="json",
        secret=secrets.token_hex(20),
        insecure_ssl=False,
        events=events,
        active=False,
        created_at=app.created_at,
        updated_at=app.created_at,
    )

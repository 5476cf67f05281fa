"""As whom the controller of a rehearsal is on GitHub, and so how it hears of what happens there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from github import Auth, Github
from github.Requester import Requester

_NEITHER = dict.fromkeys(
    (
        "INFRAUTOMATER_GITHUB_TOKEN",
        "INFRAUTOMATER_GITHUB_TOKEN_FILE",
        "INFRAUTOMATER_GITHUB_APP_ID",
        "INFRAUTOMATER_GITHUB_APP_KEY",
        "INFRAUTOMATER_GITHUB_APP_KEY_FILE",
    ),
    "",
)
"""Whatever this machine is set up for is not for a rehearsal."""


class Account(Protocol):
    """Who the controller is."""

    @property
    def login(self) -> str:
        """The name that stands over what it writes."""

    @property
    def settings(self) -> Mapping[str, str]:
        """The settings that make the controller be it."""

    def hook(self, api: str, repository: str) -> "Webhook":
        """The webhook through which it hears, at an API's address."""


@dataclass(frozen=True)
class Webhook:
    """A webhook: who may ask about it, and where its configuration and deliveries are."""

    requester: Requester
    path: str

    def tell(self, url: str, secret: str) -> None:
        """Have everything delivered to an address."""
        config = {"url": url, "content_type": "json", "secret": secret}
        self.requester.requestJsonAndCheck("PATCH", f"{self.path}/config", input=config)

    def deliveries(self) -> list[dict[str, Any]]:
        """Its last attempts, newest first."""
        found: list[dict[str, Any]] = self.requester.requestJsonAndCheck("GET", f"{self.path}/deliveries")[1]
        return found

    def delivery(self, number: int) -> dict[str, Any]:
        """An attempt with what was sent and what came back."""
        found: dict[str, Any] = self.requester.requestJsonAndCheck("GET", f"{self.path}/deliveries/{number}")[
            1
        ]
        return found

    def redeliver(self, number: int) -> None:
        """Send the same once more."""
        self.requester.requestJsonAndCheck("POST", f"{self.path}/deliveries/{number}/attempts")


@dataclass(frozen=True)
class AsApp:
    """The box's own App, with its own webhook."""

    app_id: str
    slug: str
    key: str = field(repr=False)

    @property
    def login(self) -> str:
        """The name of its bot."""
        return f"{self.slug}[bot]"

    @property
    def settings(self) -> Mapping[str, str]:
        """Its id and its key."""
        return _NEITHER | {
            "INFRAUTOMATER_GITHUB_APP_ID": self.app_id,
            "INFRAUTOMATER_GITHUB_APP_KEY": self.key,
        }

    def hook(self, api: str, repository: str) -> Webhook:  # noqa: ARG002 -- an App has one for all its repositories
        """The App's webhook."""
        return Webhook(client(Auth.AppAuth(self.app_id, self.key), api).requester, "/app/hook")


@dataclass(frozen=True)
class AsUser:
    """An account with a token, which hears through a webhook of the repository; an administrator makes it."""

    login: str
    token: str = field(repr=False)
    admin: str = field(repr=False)

    @property
    def settings(self) -> Mapping[str, str]:
        """Its token."""
        return _NEITHER | {"INFRAUTOMATER_GITHUB_TOKEN": self.token}

    def hook(self, api: str, repository: str) -> Webhook:
        """The repository's only webhook, made where there is none."""
        requester, path = client(Auth.Token(self.admin), api).requester, f"/repos/{repository}/hooks"
        _, found = requester.requestJsonAndCheck("GET", path)
        if not found:
            wish = {
                "name": "web",
                "active": False,
                "events": ["*"],
                "config": {"url": api, "content_type": "json"},
            }
            found = [requester.requestJsonAndCheck("POST", path, input=wish)[1]]
        hook = Webhook(requester, f"{path}/{found[0]['id']}")
        requester.requestJsonAndCheck("PATCH", hook.path, input={"active": True})
        return hook


def account(facts: Mapping[str, Any], *, as_app: bool) -> Account:
    """Who the controller is in a box that says such facts of itself."""
    if as_app:
        app = facts["app"]
        return AsApp(str(app["app_id"]), app["slug"], app["private_key"])
    return AsUser("controller", facts["tokens"]["controller"], facts["tokens"]["admin"])


def client(auth: Auth.Auth, api: str) -> Github:
    """The API of a box, which needs no pauses."""
    return Github(auth=auth, base_url=api, seconds_between_requests=0, seconds_between_writes=0)

"""A GitHub App as our account: the token of its installation on the repository, made anew before it ends.

See https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation.
"""

import threading
from datetime import UTC, datetime, timedelta
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from github import Auth

from controller.edge.github import answers
from controller.edge.github.client import Client, Renewable
from controller.edge.github.reading import read
from controller.errors import GitHubNotFound, GitHubRefused, SettingsError

_EARLY = timedelta(minutes=5)
"""A token is made anew so long before its end: a fetch that begins with it may take its time."""


class AppInstallation(Renewable):
    """An App's installation on one repository; any number of threads may share it.

    The token is asked for that repository alone, however many the App is installed on. GitHub is asked when a token is
    first wanted, so that a controller starts while GitHub is away.

    Args:
        app: The App's id or client id, and its private key (PEM).
        repository: `owner/name`.
        base_url: Of the API; `https://HOST/api/v3` for an Enterprise Server.
        timeout: Seconds that an answer may take.

    Raises:
        SettingsError: The key is none.
    """

    def __init__(self, app: tuple[str, str], repository: str, base_url: str, timeout: int = 15) -> None:
        app_id, key = app
        _check(key)
        self.client = Client(Auth.AppAuth(app_id, key), base_url, timeout, pause=0)
        """As the App itself, which may see what was delivered to it."""
        self._repository = repository
        self._lock = threading.Lock()
        self._minted: answers.Minted | None = None

    @property
    def token_type(self) -> str:
        """The scheme of the `Authorization` header."""
        return "token"

    @property
    def token(self) -> str:
        """A token that is good for five minutes at least.

        Raises:
            GitHubError: Or GitHubRefused, the App is not installed on the repository.
        """
        with self._lock:
            if self._minted is None or self._minted.expires_at - datetime.now(UTC) < _EARLY:
                self._minted = self._mint()
            return self._minted.token

    @cached_property
    def login(self) -> str:
        """The account in whose name the App writes: https://docs.github.com/en/graphql/reference/objects#bot.

        Raises:
            GitHubError: GitHub cannot be asked.
        """
        return f"{self.client.get(answers.App, '/app').slug}[bot]"

    def forget(self, token: str) -> None:
        """Make another token before anything else is asked, unless somebody did: GitHub refused this one."""
        with self._lock:
            if self._minted and self._minted.token == token:
                self._minted = None

    def _mint(self) -> answers.Minted:
        body = {"repositories": [self._repository.partition("/")[2]]}
        path = f"/app/installations/{self._installation()}/access_tokens"
        return read(answers.Minted, self.client.write("POST", path, body), path)

    def _installation(self) -> int:
        try:
            return self.client.get(answers.Installation, f"/repos/{self._repository}/installation").id
        except GitHubNotFound:
            raise GitHubRefused(
                f"the GitHub App is not installed on {self._repository}: its owner installs it under Settings, GitHub Apps"
            ) from None


def _check(key: str) -> None:
    """Raises SettingsError where a private key is none, or none that could be used."""
    try:
        found = load_pem_private_key(key.encode(), password=None)
    except (ValueError, TypeError) as error:  # a TypeError: it is encrypted
        raise SettingsError(f"the GitHub App's private key cannot be read: {error}") from None
    if not isinstance(found, RSAPrivateKey):
        raise SettingsError("the GitHub App's private key is no RSA key")

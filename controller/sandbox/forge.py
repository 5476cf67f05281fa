"""A forge's state: who and what there is in it, and where each repository lies on disk."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from controller.sandbox import nouns
from controller.sandbox.errors import not_found
from controller.sandbox.faults import Fault, Faults
from controller.sandbox.git.cli import Git, Signature
from controller.sandbox.limits import Meter
from controller.sandbox.nouns import (
    ROLES,
    Installation,
    Pull,
    Repository,
    Role,
    User,
)
from controller.sandbox.permissions import role_of
from controller.sandbox.store import Store
from controller.sandbox.tables import Tables

T = TypeVar("T")
Deliver = Callable[[nouns.Hook, nouns.Delivery, Fault | None], None]
_LAST = 253_402_300_799


class Forge(Tables):
    """Everything that a box knows; whoever reads or writes it holds `lock`.

    Args:
        data_dir: The folder of the store and the repositories, made when it does not exist.
    """

    def __init__(self, data_dir: Path) -> None:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.lock = threading.RLock()
        self.repositories_dir = data_dir.resolve() / "repositories"
        self.store = Store(data_dir / "forge.sqlite")
        super().__init__(self.store)
        self.deliver: Deliver = lambda _hook, _parcel, _fault: None
        self.faults = Faults()
        self.meter = Meter()
        self.url = ""

    def git(self, repository: Repository) -> Git:
        """The bare repository behind a repository.

        Raises:
            ValueError: The repository's name leads out of the folder of all repositories.
        """
        path = self.repositories_dir / repository.owner / f"{repository.name}.git"
        if not path.resolve().is_relative_to(self.repositories_dir):
            raise ValueError(f"{path} lies outside {self.repositories_dir}")
        return Git(path)

    def sha(self, repository: Repository, ref: str) -> str | None:
        """Where a ref (`refs/heads/main`) points; None if it does not exist."""
        found = self.refs.find((repository.id, ref))
        return found.sha if found else None

    def branch(self, repository: Repository, name: str) -> str | None:
        """Where a branch points; None if it does not exist."""
        return self.sha(repository, f"refs/heads/{name}")

    def user(self, login: str) -> User:
        """A user by login.

        Raises:
            RefusedError: 404, nobody is called so.
        """
        return _required(self.users.find(login.lower()))

    def user_of(self, token: str) -> User | None:
        """Whom a token speaks for."""
        return next(iter(self.users.of(token)), None)

    def repository(self, repository_id: int) -> Repository:
        """The repository that a record belongs to."""
        return _required(self.repositories.get(repository_id))

    def repository_of(self, pull: Pull) -> Repository:
        """The repository that a pull belongs to, as it is now."""
        return self.repository(pull.repository)

    def pull(self, pull_id: int) -> Pull:
        """The pull that a review or comment belongs to, as it is now."""
        return _required(self.pulls.get(pull_id))

    def pulls_of(self, repository: Repository, state: str = "all") -> list[Pull]:
        """A repository's pulls, oldest first; only the `open` or `closed` ones, if so wanted."""
        states = ("open", "closed") if state == "all" else (state,)
        found = [pull for one in states for pull in self.pulls.of((repository.id, one))]
        return sorted(found, key=lambda pull: pull.number)

    def installations_on(self, repository: Repository) -> list[Installation]:
        """The installations that reach a repository; suspended ones reach nothing."""
        found = self.installations.of(repository.owner.lower())
        return [one for one in found if one.suspended_at is None and covers(one, repository)]

    def subscribed(self, repository: Repository, event: str) -> list[nouns.Hook]:
        """The hooks that an event is delivered to: the repository's, and those of the Apps that are installed on it."""
        targets = (repository.id, *(one.app for one in self.installations_on(repository)))
        hooks = [hook for target in targets for hook in self.hooks.of(target)]
        return [hook for hook in hooks if hook.active and (event in hook.events or "*" in hook.events)]

    def role(self, repository: Repository, user: User | None) -> Role:
        """What somebody may do in a repository: the most that they, their teams or their account were given in it.

        See https://docs.github.com/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization.
        """
        if user is None:
            return "none"
        if user.type == "Bot":
            return self._role_of_bot(repository, user)
        teams = (team for team in self.teams.of(repository.owner) if user.login in team.members)
        given = [repository.roles.get(user.login, "none")]
        given += [repository.team_roles.get(team.slug, "none") for team in teams]
        owner = self.organizations.find(repository.owner.lower())
        if user.login == repository.owner or (owner and user.login in owner.admins):
            given.append("admin")
        return max(given, key=ROLES.index)

    def _role_of_bot(self, repository: Repository, bot: User) -> Role:
        app = self.apps.find(bot.login.removesuffix("[bot]"))
        through = (one for one in self.installations_on(repository) if app and one.app == app.id)
        return next((role_of(one.permissions) for one in through), "none")


def covers(installation: Installation, repository: Repository) -> bool:
    """Whether a repository is among an installation's."""
    own = installation.account.lower() == repository.owner.lower()
    return own and (installation.repository_selection == "all" or repository.id in installation.repositories)


def allows(role: Role, needed: Role) -> bool:
    """Whether a role includes another: https://docs.github.com/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization."""
    return ROLES.index(role) >= ROLES.index(needed)


def now() -> str:
    """The time in GitHub's form, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(seconds: int) -> str:
    """A time since 1970 in GitHub's form; git knows later years than 9999, which is the last one here."""
    return datetime.fromtimestamp(min(seconds, _LAST), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def signature(user: User, later: int = 0) -> Signature:
    """A user as the author of a commit made now, or some seconds later."""
    return Signature(user.name, user.email, int(datetime.now(UTC).timestamp()) + later)


def _required(found: T | None) -> T:
    if found is None:
        raise not_found()
    return found

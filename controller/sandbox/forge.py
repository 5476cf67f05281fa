"""A forge's state: who and what there is in it, and where each repository lies on disk."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from controller.sandbox import nouns
from controller.sandbox.errors import not_found
from controller.sandbox.faults import Faults
from controller.sandbox.git import Git, Signature
from controller.sandbox.nouns import ROLES, Pull, Repository, Role, User
from controller.sandbox.store import Store, Table

T = TypeVar("T")


class Forge:
    """Everything that a box knows; whoever reads or writes it holds `lock`.

    Args:
        data_dir: The folder of the store and the repositories, made when it does not exist.
    """

    def __init__(self, data_dir: Path) -> None:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.lock = threading.RLock()
        self.repositories_dir = data_dir.resolve() / "repositories"
        self.store = store = Store(data_dir / "forge.sqlite")
        self.deliver: Callable[[nouns.Hook, nouns.Delivery], None] = lambda _hook, _parcel: None
        self.faults = Faults()
        self.url = ""
        self.users = Table(store, User, lambda u: u.login.lower(), lambda u: u.token)
        self.organizations = Table(store, nouns.Organization, lambda o: o.login.lower(), lambda _: None)
        self.teams = Table(store, nouns.Team, lambda t: (t.organization, t.slug), lambda t: t.organization)
        self.repositories = Table(store, Repository, lambda r: r.full_name.lower(), lambda r: r.owner)
        self.refs = Table(store, nouns.Ref, lambda r: (r.repository, r.name), lambda r: r.repository)
        self.pulls = Table(store, Pull, lambda p: (p.repository, p.number), lambda p: (p.repository, p.state))
        self.reviews = Table(store, nouns.Review, lambda r: r.id, lambda r: r.pull)
        self.comments = Table(store, nouns.Comment, lambda c: c.id, lambda c: c.pull)
        self.commit_comments = Table(
            store, nouns.CommitComment, lambda c: c.id, lambda c: (c.repository, c.commit_id)
        )
        self.statuses = Table(store, nouns.Status, lambda s: s.id, lambda s: (s.repository, s.sha))
        self.labels = Table(
            store, nouns.Label, lambda n: (n.repository, n.name.lower()), lambda n: n.repository
        )
        self.reactions = Table(
            store, nouns.Reaction, lambda r: (r.subject, r.user, r.content), lambda r: r.subject
        )
        self.hooks = Table(store, nouns.Hook, lambda h: h.id, lambda h: h.repository)
        self.deliveries = Table(store, nouns.Delivery, lambda d: d.id, lambda d: d.hook)

    def git(self, repository: Repository) -> Git:
        """The bare repository behind a repository."""
        return Git(self.repositories_dir / repository.owner / f"{repository.name}.git")

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

    def subscribed(self, repository: Repository, event: str) -> list[nouns.Hook]:
        """The hooks that an event is delivered to."""
        hooks = self.hooks.of(repository.id)
        return [hook for hook in hooks if hook.active and (event in hook.events or "*" in hook.events)]


@dataclass(frozen=True, slots=True)
class View:
    """For whom something is rendered: their addresses differ by the base that they asked under.

    Args:
        forge: The state.
        api: The REST API's base address, without a `/` at its end.
        web: The pages' base address.
        viewer: Who asks; None in a delivery.
    """

    forge: Forge
    api: str
    web: str
    viewer: User | None = None


def role(repository: Repository, user: User | None) -> Role:
    """What a user may do in a repository; `none` for nobody and for strangers."""
    return repository.roles.get(user.login, "none") if user else "none"


def allows(role: Role, needed: Role) -> bool:
    """Whether a role includes another: https://docs.github.com/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization."""
    return ROLES.index(role) >= ROLES.index(needed)


def now() -> str:
    """The time in GitHub's form, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(seconds: int) -> str:
    """A time since 1970 in GitHub's form."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def signature(user: User) -> Signature:
    """A user as the author of a commit made now."""
    return Signature(user.name, user.email, int(datetime.now(UTC).timestamp()))


def _required(found: T | None) -> T:
    if found is None:
        raise not_found()
    return found

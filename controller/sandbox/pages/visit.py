"""One look at a page, or one press of a button on it."""

from dataclasses import dataclass
from urllib.parse import quote

from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request

from controller.sandbox.errors import not_found
from controller.sandbox.forge import Forge, allows
from controller.sandbox.git.cli import Git
from controller.sandbox.nouns import Pull, Repository, Role, User
from controller.sandbox.pages.sessions import Session, Sessions
from controller.sandbox.view import View


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit: who looks, and at what.

    Args:
        forge: The state; its lock is held.
        sessions: Everybody's.
        request: What the browser asks for.
        form: What it sends along.
    """

    forge: Forge
    sessions: Sessions
    request: Request
    form: ImmutableMultiDict[str, str]

    @property
    def session(self) -> Session | None:
        """The browser's session, as it is now."""
        return self.sessions.of(self.request)

    @property
    def viewer(self) -> User | None:
        """Who is signed in."""
        login = self.session.login if self.session else None
        return self.forge.users.find(login.lower()) if login else None

    @property
    def web(self) -> str:
        """The pages' address, as the browser has it."""
        return f"{self.request.url.scheme}://{self.request.url.netloc}"

    @property
    def view(self) -> View:
        """How the API would show things to whoever looks."""
        return View(self.forge, f"{self.web}/api/v3", self.web, self.viewer)

    @property
    def path(self) -> dict[str, str]:
        """The address' parameters."""
        return {name: str(value) for name, value in self.request.path_params.items()}

    @property
    def here(self) -> str:
        """The address itself, without the host."""
        query = self.request.url.query
        return quote(self.request.url.path, safe="/%@:+~") + (f"?{query}" if query else "")

    def query(self, name: str) -> str:
        """A value of the address' query, empty where there is none."""
        return self.request.query_params.get(name, "")

    def page(self) -> int:
        """The number of the page of a list."""
        number = self.query("page")
        return max(1, int(number)) if number.isdecimal() and len(number) < 7 else 1  # noqa: PLR2004 no list is so long

    def repository(self) -> Repository:
        """The repository in the address.

        Raises:
            RefusedError: 404, there is none.
        """
        found = self.forge.repositories.find(f"{self.path['owner']}/{self.path['repo']}".lower())
        if found is None:
            raise not_found()
        return found

    def git(self) -> Git:
        """The git repository behind it."""
        return self.forge.git(self.repository())

    def pull(self) -> Pull:
        """The pull in the address.

        Raises:
            RefusedError: 404, there is none.
        """
        found = self.forge.pulls.find((self.repository().id, int(self.path["number"])))
        if found is None:
            raise not_found()
        return found

    def may(self, needed: Role) -> bool:
        """Whether whoever looks may do what a role may; what they press is decided by the API all the same."""
        return allows(self.view.role(self.repository()), needed)

    def to(self, *parts: object) -> str:
        """An address below the repository's."""
        return address(self.repository(), *parts)


def address(repository: Repository, *parts: object) -> str:
    """An address below a repository's, its parts quoted."""
    return "/" + "/".join(
        quote(str(part), safe="/:@") for part in (repository.full_name, *parts) if part != ""
    )

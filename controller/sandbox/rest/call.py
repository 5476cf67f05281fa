"""One call of the REST API, and what it may ask of its caller."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from controller.sandbox.errors import RefusedError, forbidden, not_found, unprocessable
from controller.sandbox.forge import Forge, allows
from controller.sandbox.git.cli import Git
from controller.sandbox.git.objects import resolve
from controller.sandbox.nouns import App, InstallationToken, Pull, Repository, Role, User
from controller.sandbox.render.users import Json
from controller.sandbox.rest import paging
from controller.sandbox.rest.answers import Answer
from controller.sandbox.rest.fields import natural, parsed, typed
from controller.sandbox.view import View

T = TypeVar("T")
_ROLE_WORDS: dict[Role, str] = {
    "read": "Must have read access to repository.",
    "triage": "Must have triage access to repository.",
    "write": "Must have push access to repository.",
    "maintain": "Must have maintain access to repository.",
    "admin": "Must have admin rights to Repository.",
}


@dataclass(frozen=True, slots=True)
class Call:
    """A call: who asks for what, under which address.

    Args:
        view: The state, the addresses, and who calls.
        path: The route's parameters.
        query: The query's parameters.
        headers: The request's headers, names in lower case.
        raw: The body.
        url: The address asked for, without its query.
    """

    view: View
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes
    url: str

    @property
    def forge(self) -> Forge:
        """The state."""
        return self.view.forge

    @property
    def user(self) -> User:
        """Who acts: the caller, or the bot of the App whose installation calls.

        Raises:
            RefusedError: 401, nobody in particular asks.
        """
        if self.view.viewer is None:
            raise RefusedError(401, "Requires authentication")
        return self.view.viewer

    @property
    def app(self) -> App:
        """The App that calls.

        Raises:
            RefusedError: 401, none does.
        """
        if not isinstance(self.view.grant, App):
            raise RefusedError(401, "A JSON web token could not be decoded")
        return self.view.grant

    def repository(self, needed: Role = "read") -> Repository:
        """The repository in the path.

        Args:
            needed: What the caller has to be in it.

        Raises:
            RefusedError: 404, the caller may not see it; 403, may see it but not do this.
        """
        found = self.forge.repositories.find(f"{self.path['owner']}/{self.path['repo']}".lower())
        if found is None or self.view.role(found) == "none":
            raise not_found()
        if not self.may(found, needed):
            raise forbidden(_ROLE_WORDS[needed])
        return found

    def may(self, repository: Repository, needed: Role) -> bool:
        """Whether the caller's role includes another; an installation has none, but its permission was looked at before."""
        held = self.view.role(repository)
        return held != "none" and (isinstance(self.view.grant, InstallationToken) or allows(held, needed))

    def git(self, repository: Repository) -> Git:
        """The bare repository, which has at least one commit.

        Raises:
            RefusedError: 409, it is empty.
        """
        if not self.forge.refs.of(repository.id):
            raise RefusedError(409, "Git Repository is empty.")
        return self.forge.git(repository)

    def pull(self, needed: Role = "read") -> Pull:
        """The pull in the path.

        Raises:
            RefusedError: 404 or 403 as for `repository`; 404, there is none of that number.
        """
        found = self.forge.pulls.find((self.repository(needed).id, self.number("number")))
        if found is None:
            raise not_found()
        return found

    def commit(self, repository: Repository) -> str:
        """The full sha of the commit that `ref` in the path names.

        Raises:
            RefusedError: 409, the repository is empty; 422, there is no such commit.
        """
        sha = resolve(self.git(repository), self.path["ref"])
        if sha is None:
            raise unprocessable(f"No commit found for SHA: {self.path['ref']}")
        return sha

    def number(self, name: str) -> int:
        """A parameter of the path as a number.

        Raises:
            RefusedError: 404, it is none.
        """
        found = natural(self.path[name])
        if found is None:
            raise not_found()
        return found

    def items(self, name: str) -> Any:
        """A list that is the body itself or its field of that name.

        Raises:
            RefusedError: 400, the body is no JSON.
        """
        body = parsed(self.raw)
        return body if isinstance(body, list) else self.json().get(name)

    def json(self) -> Json:
        """The body as an object; `{}` where there is none.

        Raises:
            RefusedError: 400, it is something else.
        """
        body = parsed(self.raw)
        if not isinstance(body, dict):
            raise RefusedError(400, "Body should be a JSON object")
        return body

    def take(self, name: str, kind: type[T]) -> T:
        """A field that the body must have.

        Raises:
            RefusedError: 422, it is missing or of another type.
        """
        found = self.opt(name, kind)
        if found is None:
            raise unprocessable(f'Invalid request.\n\n"{name}" wasn\'t supplied.')
        return found

    def opt(self, name: str, kind: type[T]) -> T | None:
        """A field that the body may have.

        Raises:
            RefusedError: 422, it is of another type.
        """
        return typed(name, self.json().get(name), kind)

    def page(self, items: Sequence[T]) -> tuple[Sequence[T], dict[str, str]]:
        """The asked page of a list, and the `Link` header to the others."""
        return paging.page(self.url, self.query, items)

    def listed(self, items: Sequence[T], render: Callable[[T], Json]) -> Answer:
        """The asked page of a list, rendered."""
        shown, headers = self.page(items)
        return Answer(200, [render(item) for item in shown], headers)

    def at(self, **path: str) -> "Call":
        """The same call with other parameters in its path."""
        return replace(self, path={**self.path, **path})

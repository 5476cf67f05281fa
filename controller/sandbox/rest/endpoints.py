"""An endpoint: what is asked, by which address, who answers, and what a GitHub App needs for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from controller.sandbox.limits import Resource
from controller.sandbox.rest.answers import Answer
from controller.sandbox.rest.call import Call

Handler = Callable[[Call], Answer]
Permissions = tuple[str, ...]
"""What an installation needs, as GitHub writes it: each is enough, and `a,b` asks for both.

`issues` is `issues=read` for a GET and `issues=write` for anything else; a level that does not follow from the method
is written out. None at all is needed for what any token opens.
"""
Kind = Literal["user", "app", "installation"]
"""Who alone may ask: a person, an App by its own signature, or an installation."""
DOCS = "https://docs.github.com/rest"
REPO = "/repos/{owner}/{repo}"
PULL = REPO + "/pulls/{number}"
ISSUE = REPO + "/issues/{number}"
COMMIT = REPO + "/commits/{ref:path}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint.

    Args:
        method: GitHub's verb.
        path: Its address, as Starlette writes it.
        handler: Who answers.
        docs: Its page in GitHub's documentation, which a refusal points to.
        permission: What an App's installation needs, or who alone may ask, after
            https://docs.github.com/rest/authentication/permissions-required-for-github-apps.
        resource: Which of the caller's limits it counts against; None for none.
    """

    method: str
    path: str
    handler: Handler
    docs: str
    permission: Permissions | Kind = ()
    resource: Resource | None = "core"

    def accepted(self) -> list[dict[str, str]]:
        """The sets of permissions of which an installation needs one."""
        if isinstance(self.permission, str):
            return []
        return [dict(self._levelled(name) for name in needed.split(",")) for needed in self.permission]

    def _levelled(self, name: str) -> tuple[str, str]:
        word, _, level = name.partition("=")
        return word, level or ("read" if self.method == "GET" else "write")


def endpoints(
    base: str, docs: str, permission: Permissions | Kind, *lines: tuple[str, Handler]
) -> tuple[Endpoint, ...]:
    """The endpoints of one page of GitHub's documentation.

    Args:
        base: What their addresses begin with.
        docs: The page, below `https://docs.github.com/rest`.
        permission: As in `Endpoint`.
        lines: The method and the rest of the address (`GET /{id}`), and who answers.
    """

    def endpoint(line: str, handler: Handler) -> Endpoint:
        method, _, rest = line.partition(" ")
        return Endpoint(method, base + rest, handler, f"{DOCS}/{docs}", permission)

    return tuple(endpoint(line, handler) for line, handler in lines)

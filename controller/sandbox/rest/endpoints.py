"""An endpoint: what is asked, by which address, who answers, and what a GitHub App needs for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from controller.sandbox.rest.answers import Answer
from controller.sandbox.rest.call import Call

Handler = Callable[[Call], Answer]
Permission = Literal[
    "administration",
    "contents",
    "issues",
    "members",
    "metadata",
    "pull_requests",
    "repository_hooks",
    "statuses",
]
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
        permission: What an App's installation needs to ask: read for a GET, write for anything else; several where
            each is enough, none where a token is: https://docs.github.com/rest/authentication/permissions-required-for-github-apps.
    """

    method: str
    path: str
    handler: Handler
    docs: str
    permission: tuple[Permission, ...] = ()


def endpoints(
    base: str, docs: str, permission: tuple[Permission, ...], *lines: tuple[str, Handler]
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

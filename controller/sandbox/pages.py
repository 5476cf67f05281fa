"""The pages that a person looks at: a repository's pulls, and one pull with its conversation.

They are for a demo on one's own machine: whoever reaches the box may read them.
"""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from controller.sandbox import changes, markdown, pulls
from controller.sandbox.errors import not_found
from controller.sandbox.forge import Forge
from controller.sandbox.nouns import Pull, Repository
from controller.sandbox.render.pulls import latest
from controller.sandbox.rest.server import refusal

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def routes(forge: Forge) -> list[Route]:
    """The pages' addresses, as on GitHub."""

    async def front(_request: Request) -> Response:
        with forge.lock:
            first = forge.repositories.all()[0]
        return RedirectResponse(f"/{first.full_name}/pulls")

    async def listing(request: Request) -> Response:
        return await run_in_threadpool(_listing, forge, request)

    async def pull(request: Request) -> Response:
        return await run_in_threadpool(_pull, forge, request)

    return [
        Route("/", front),
        Route("/{owner}/{repo}", listing),
        Route("/{owner}/{repo}/pulls", listing),
        Route("/{owner}/{repo}/pull/{number:int}", pull),
    ]


def _listing(forge: Forge, request: Request) -> Response:
    with forge.lock:
        repository = _repository(forge, request)
        if repository is None:
            return refusal(not_found())
        found = forge.pulls_of(repository)[::-1]
        return _page("pulls.html.j2", repository=repository, pulls=found)


def _pull(forge: Forge, request: Request) -> Response:
    with forge.lock:
        repository = _repository(forge, request)
        found = forge.pulls.find((repository.id, request.path_params["number"])) if repository else None
        if repository is None or found is None:
            return refusal(not_found())
        return _page("pull.html.j2", **_shown(forge, repository, pulls.tested(forge, found)))


def _shown(forge: Forge, repository: Repository, pull: Pull) -> dict[str, Any]:
    git = forge.git(repository)
    common = changes.merge_base(git, pull.base_sha, pull.head_sha) or pull.base_sha
    said = [(one.created_at, one.id, "commented", one) for one in forge.comments.of(pull.id)]
    judged = [
        (one.submitted_at, one.id, one.state, one) for one in forge.reviews.of(pull.id) if one.submitted_at
    ]
    return {
        "repository": repository,
        "pull": pull,
        "conversation": sorted([*said, *judged], key=lambda item: item[:2]),
        "statuses": latest(forge.statuses.of((repository.id, pull.head_sha))),
        "landed": latest(forge.statuses.of((repository.id, pull.merge_commit_sha))) if pull.merged else [],
        "files": changes.files(git, common, pull.head_sha),
    }


def _repository(forge: Forge, request: Request) -> Repository | None:
    return forge.repositories.find(f"{request.path_params['owner']}/{request.path_params['repo']}".lower())


def _page(template: str, **values: Any) -> Response:
    return HTMLResponse(_templates().get_template(template).render(values), headers=_HEADERS)


@cache
def _templates() -> Environment:
    folder = Path(__file__).parent / "templates"
    templates = Environment(loader=FileSystemLoader(folder), undefined=StrictUndefined, autoescape=True)
    templates.filters["markdown"] = lambda text: Markup(markdown.render(text or ""))  # noqa: S704 markdown.render cleans it
    return templates

"""The pages: requests and runs, and a run's log; plain HTML, readable without a script."""

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import HTMLResponse
from jinja2 import DictLoader, StrictUndefined
from jinja2 import Environment as Jinja
from markupsafe import Markup, escape

from controller.core.identity import RequestId
from controller.core.summary import attributes, count_words
from controller.ports import RunQuery, Views
from controller.web.api import Number, PathNumber

PAGE = 50
MANY = 1_000
"""More runs than one pull ever has."""


def make_pages(views: Views, pull_url: Callable[[int], str]) -> APIRouter:
    """The routes that people open; `pull_url` is where a pull request is on GitHub."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def _index(after: str = "", before: Number | None = None) -> Response:
        requests = views.requests(None, after, PAGE)
        runs = views.runs(RunQuery(before=before, limit=PAGE))
        return _page("index", requests=requests, runs=runs, page=PAGE)

    @router.get("/requests/{environment}/{kind}/{name}")
    def _request(environment: str, kind: str, name: str) -> Response:
        identity = RequestId(environment, kind, name)
        runs = views.runs(RunQuery(request=identity, limit=PAGE))
        if not runs:
            raise HTTPException(404, f"nothing is known of {identity}")
        return _page("request", identity=identity, runs=runs)

    @router.get("/pulls/{number}")
    def _pull(number: PathNumber) -> Response:
        proposal = views.proposal(number)
        runs = views.runs(RunQuery(pull=number, limit=MANY))
        if proposal is None and not runs:
            raise HTTPException(404, f"nothing is known of pull {number}")
        return _page("pull", number=number, url=pull_url(number), proposal=proposal, runs=runs)

    @router.get("/runs/{run}")
    def _run(run: PathNumber) -> Response:
        view = views.run(run)
        if view is None:
            raise HTTPException(404, f"there is no run {run}")
        log = "".join(text for _, text in views.log(run))
        url = pull_url(view.run.pull) if view.run.pull else ""
        return _page("run", view=view, log=log, events=views.events(run), url=url)

    @router.get("/style.css")
    def _style() -> Response:
        return Response(
            _source("style.css"), media_type="text/css", headers={"Cache-Control": "max-age=3600"}
        )

    return router


def missing_page(status: int, words: str) -> Response:
    """The page for what is not there."""
    response = _page("missing", words=words)
    response.status_code = status
    return response


def _page(name: str, **context: Any) -> HTMLResponse:
    return HTMLResponse(_jinja().get_template(f"{name}.html.j2").render(**context))


@cache
def _jinja() -> Jinja:
    folder = files("controller").joinpath("templates/web")
    sources = {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".j2")
    }
    jinja = Jinja(
        loader=DictLoader(sources),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters |= {"counts": count_words, "attributes": attributes, "spans": _spans}
    return jinja


def _spans(text: object) -> Markup:
    """A sentence of ours with its `code spans` as HTML; all else is escaped."""
    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(str(text)))))  # noqa: S704 -- escaped before the only tag is put in


def _source(name: str) -> str:
    return files("controller").joinpath("templates/web", name).read_text(encoding="utf-8")

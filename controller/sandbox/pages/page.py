"""A page: a template with what stands on every one, and the headers that keep it harmless."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from controller.sandbox.nouns import User
from controller.sandbox.pages import phrases
from controller.sandbox.pages.visit import Visit, address

FOLDER = Path(__file__).parent / "templates"
_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def shown(visit: Visit, template: str, status: int = 200, **values: Any) -> Response:
    """A page of the box."""
    session = visit.session
    notice = session.notice if session else None
    if session and notice:
        visit.sessions.leave(session, None)
    everywhere = {
        "viewer": visit.viewer,
        "people": people(visit),
        "here": visit.here,
        "token": session.token if session else "",
        "notice": notice.words if notice else (),
        "kept": _kept(dict(notice.typed) if notice else {}),
        "style": _style(),
        "repository": None,
    }
    text = _templates().get_template(template).render({**everywhere, **values})
    return HTMLResponse(text, status, HEADERS)


def in_repository(visit: Visit, template: str, tab: str, **values: Any) -> Response:
    """A page of a repository, below its tabs."""
    repository = visit.repository()
    facts = {
        "repository": repository,
        "tab": tab,
        "open_pulls": visit.forge.pulls.count((repository.id, "open")),
        "parent": visit.forge.repositories.get(repository.parent),
        "may_write": visit.may("write"),
        "may_administer": visit.may("admin"),
        "to": lambda *parts: address(repository, *parts),
    }
    return shown(visit, template, **{**facts, **values})


def people(visit: Visit) -> list[User]:
    """Whom one can sign in as: an App's bot has no password either, but no browser."""
    return [user for user in visit.forge.users.all() if user.type == "User"]


def _kept(typed: dict[str, str]) -> Callable[..., str]:
    def kept(name: str, default: str | None = "") -> str:
        return typed.get(name, default or "")

    return kept


@cache
def _style() -> str:
    data = (FOLDER / "style.css").read_bytes()
    return f"/assets/style.css?{hashlib.sha256(data).hexdigest()[:12]}"


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    names = ("ago", "exact", "size", "web_link")
    templates.filters.update({name: getattr(phrases, name) for name in names})
    templates.globals.update(counted=phrases.counted)
    return templates

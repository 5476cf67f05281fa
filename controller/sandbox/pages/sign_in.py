"""Signing in, without a password: https://docs.github.com/authentication is what a rehearsal goes without."""

from starlette.responses import Response

from controller.sandbox.errors import not_found
from controller.sandbox.pages.acting import go
from controller.sandbox.pages.page import people, shown
from controller.sandbox.pages.server import local
from controller.sandbox.pages.sessions import forget, remember
from controller.sandbox.pages.visit import Visit


def choose(visit: Visit) -> Response:
    """Whom to sign in as; a browser that has no session is given one, for the form to be told from a forged one."""
    session = visit.session or visit.sessions.begin()
    first = next(iter(visit.forge.repositories.all()), None)
    roles = {user.login: visit.forge.role(first, user) if first else "none" for user in people(visit)}
    page = shown(
        visit, "login.html.j2", token=session.token, roles=roles, return_to=local(visit.query("return_to"))
    )
    return remember(page, visit.request, session)


def sign_in(visit: Visit) -> Response:
    """Sign in, under a new session."""
    login = visit.form.get("login", "")
    if login not in {user.login for user in people(visit)}:
        raise not_found()
    if visit.session:
        visit.sessions.end(visit.session)
    session = visit.sessions.begin(login)
    return remember(go(local(visit.form.get("return_to", ""))), visit.request, session)


def sign_out(visit: Visit) -> Response:
    """Sign out."""
    if visit.session:
        visit.sessions.end(visit.session)
    return forget(go(local(visit.form.get("return_to", ""))), visit.request)

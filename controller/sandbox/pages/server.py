"""Pages over HTTP: one visit at a time, forms only from pages of the box itself."""

import hmac
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import Response

from controller.sandbox.acts import queues
from controller.sandbox.errors import RefusedError, forbidden, not_found
from controller.sandbox.forge import Forge
from controller.sandbox.git.cli import GitError
from controller.sandbox.pages.acting import go, words
from controller.sandbox.pages.page import shown
from controller.sandbox.pages.sessions import Notice, Session, Sessions, is_own_host
from controller.sandbox.pages.visit import Visit
from controller.sandbox.rest.server import refusal

Page = Callable[[Visit], Response]
_MOST_FIELDS = 1_000
_FORGED = (
    "This form was not sent by a page of this box, or its session has ended. Go back, reload, and try again."
)


def served(forge: Forge, sessions: Sessions, page: Page) -> Callable[[Request], Awaitable[Response]]:
    """A page, or what a button does, as an endpoint of the application."""

    async def respond(request: Request) -> Response:
        raw = await request.body() if request.method == "POST" else b""
        return await run_in_threadpool(_answered, page, _visit(forge, sessions, request, raw))

    return respond


def _visit(forge: Forge, sessions: Sessions, request: Request, raw: bytes) -> Visit:
    fields = parse_qsl(raw.decode(errors="replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    return Visit(forge, sessions, request, ImmutableMultiDict(fields))


def _answered(page: Page, visit: Visit) -> Response:
    with visit.forge.lock:
        if _has_null(visit):
            return _refused(visit, not_found())
        if visit.request.method != "POST":
            return _looked(page, visit)
        if not _is_ours(visit):
            return _refused(visit, forbidden(_FORGED))
        return _pressed(page, visit)


def _has_null(visit: Visit) -> bool:
    return any("\0" in value for value in (*visit.path.values(), *visit.request.query_params.values()))


def _looked(page: Page, visit: Visit) -> Response:
    try:
        return page(visit)
    except RefusedError as refused:
        return _refused(visit, refused)
    except GitError:
        # What nobody has looked for and git does not find is not there.
        return _refused(visit, not_found())


def _pressed(page: Page, visit: Visit) -> Response:
    session = visit.session
    if session is None or (session.login is None and visit.request.url.path != "/login"):
        return go("/login")
    try:
        answer = page(visit)
    except RefusedError as refused:
        return _left(visit, session, words(refused))
    except GitError:
        return _left(visit, session, ("Invalid request.",))
    queues.advance(visit.forge)
    return answer


def _left(visit: Visit, session: Session, said: tuple[str, ...]) -> Response:
    typed = {name: value for name, value in visit.form.items() if name != "authenticity_token"}
    visit.sessions.leave(session, Notice(said, typed))
    return go(local(visit.form.get("return_to", "")))


def _refused(visit: Visit, refused: RefusedError) -> Response:
    if "text/html" not in visit.request.headers.get("accept", ""):
        # The API answers at the same addresses, and its clients know nothing of pages.
        return refusal(refused)
    title = HTTPStatus(refused.status).phrase
    return shown(visit, "refused.html.j2", refused.status, title=title, words=words(refused))


def _is_ours(visit: Visit) -> bool:
    # https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
    headers, session = visit.request.headers, visit.session
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "same-origin")
    if session is None or not is_own_host(visit.request.url.hostname or ""):
        return False
    if site not in ("same-origin", "none") or (origin is not None and origin != visit.web):
        return False
    sent = visit.form.get("authenticity_token", "")
    return hmac.compare_digest(sent.encode(), session.token.encode())


def local(path: str) -> str:
    """A path of this box itself; the front page in place of anything else."""
    parts = urlsplit(path)
    is_local = path.startswith("/") and not path.startswith("//") and "\\" not in path and not parts.netloc
    return path if is_local else "/"

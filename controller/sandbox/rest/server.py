"""The REST API over HTTP: routes, authentication, one call at a time, GitHub's headers and error bodies."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from controller.sandbox.accounts import access
from controller.sandbox.acts import queues
from controller.sandbox.errors import RefusedError, not_found, unprocessable
from controller.sandbox.forge import Forge
from controller.sandbox.git.cli import GitError
from controller.sandbox.nouns import Caller, Grant, InstallationToken, User
from controller.sandbox.rest import rates
from controller.sandbox.rest.admission import accepted, admit
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import DOCS, Endpoint
from controller.sandbox.rest.responses import conditional, refused, response, userless
from controller.sandbox.rest.routes import ENDPOINTS
from controller.sandbox.view import View

PREFIX = "/api/v3"
VERSION = "2022-11-28"
_Respond = Callable[[Request], Awaitable[Response]]


def routes(forge: Forge) -> list[Route | Mount]:
    """Every endpoint, below `/api/v3` as on an Enterprise Server and at the root as on api.github.com."""
    endpoints = [route(forge, one) for one in ENDPOINTS]
    return [Mount(PREFIX, routes=endpoints), *endpoints]


def route(forge: Forge, endpoint: Endpoint) -> Route:
    """One endpoint as a route."""
    return Route(endpoint.path, _respond(forge, endpoint), methods=[endpoint.method])


def refusal(problem: RefusedError, docs: str = DOCS) -> Response:
    """A refusal in GitHub's form: `{"message", "errors", "documentation_url", "status"}`."""
    return response(refused(problem, docs))


def _respond(forge: Forge, endpoint: Endpoint) -> _Respond:
    async def respond(request: Request) -> Response:
        raw = await request.body()
        return await run_in_threadpool(_answered, forge, endpoint, request, raw)

    return respond


def _answered(forge: Forge, endpoint: Endpoint, request: Request, raw: bytes) -> Response:
    if not request.headers.get("user-agent"):
        return userless()
    caller: Caller = None
    with forge.lock:
        try:
            caller = _caller(forge, request)
            rates.charge(forge, caller, endpoint)
            call = _call(View(forge, *_addresses(request), *_acting(forge, caller)), request, raw)
            admit(call, endpoint)
            answer = endpoint.handler(call)
        except RefusedError as problem:
            answer = refused(problem, endpoint.docs)
        except GitError:
            # What nobody has looked for and git does not take is the caller's fault all the same.
            answer = refused(unprocessable("Invalid request."), endpoint.docs)
        if endpoint.method != "GET":
            queues.advance(forge)
        return _told(forge, endpoint, caller, conditional(answer, request))


def _told(forge: Forge, endpoint: Endpoint, caller: Caller, found: Response) -> Response:
    """The response with what it tells of its caller: what they may do, and how much they have left."""
    resource = endpoint.resource or "core"
    if found.status_code == 304 and caller:  # noqa: PLR2004 what was not modified costs nothing
        forge.meter.spend(rates.payer(caller), resource, -1)
    found.headers.update(rates.headers(forge.meter.rate(rates.payer(caller), resource)))
    found.headers.update(_scopes(caller, endpoint))
    found.headers["X-GitHub-Api-Version-Selected"] = VERSION
    return found


def _scopes(caller: Caller, endpoint: Endpoint) -> Mapping[str, str]:
    if isinstance(caller, User):
        needed = "repo" if endpoint.path.startswith("/repos/") else ""
        return {"X-OAuth-Scopes": "read:org, repo", "X-Accepted-OAuth-Scopes": needed}
    if isinstance(caller, InstallationToken) and isinstance(endpoint.permission, tuple):
        return {"X-Accepted-GitHub-Permissions": accepted(endpoint)}
    return {}


def _caller(forge: Forge, request: Request) -> Caller:
    caller = access.caller(forge, request.headers.get("authorization", ""))
    if request.headers.get("x-github-api-version", VERSION) != VERSION:
        raise RefusedError(400, "Not a supported version", docs=f"{DOCS}/about-the-rest-api/api-versions")
    return caller


def _acting(forge: Forge, caller: Caller) -> tuple[User | None, Grant | None]:
    return access.actor(forge, caller), None if isinstance(caller, User) else caller


def _addresses(request: Request) -> tuple[str, str]:
    web = f"{request.url.scheme}://{request.url.netloc}"
    return web + PREFIX if request.url.path.startswith(f"{PREFIX}/") else web, web


def _call(view: View, request: Request, raw: bytes) -> Call:
    if any("\0" in str(value) for value in (*request.path_params.values(), *request.query_params.values())):
        raise not_found()
    url = f"{view.web}{request.url.path}"
    return Call(view, request.path_params, request.query_params, request.headers, raw, url)

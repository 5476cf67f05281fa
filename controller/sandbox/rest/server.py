"""The REST API over HTTP: routes, authentication, one call at a time, GitHub's headers and error bodies."""

import json
import uuid
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from controller.sandbox.access import user
from controller.sandbox.errors import RefusedError, not_found
from controller.sandbox.forge import Forge, View
from controller.sandbox.graphql import api as graphql
from controller.sandbox.rest.answers import Answer
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import DOCS, Endpoint
from controller.sandbox.rest.routes import ENDPOINTS
from controller.sandbox.rest.users import RATE_LIMIT, next_reset

PREFIX = "/api/v3"
_Respond = Callable[[Request], Awaitable[Response]]


def routes(forge: Forge) -> list[Route | Mount]:
    """Every endpoint, below `/api/v3` as on an Enterprise Server and at the root as on api.github.com."""
    endpoints = [Route(one.path, _respond(forge, one), methods=[one.method]) for one in ENDPOINTS]
    enterprise = Endpoint("POST", "/api/graphql", graphql.post, "https://docs.github.com/graphql")
    return [
        Mount(PREFIX, routes=endpoints),
        Route(enterprise.path, _respond(forge, enterprise), methods=["POST"]),
        *endpoints,
    ]


def refusal(refused: RefusedError, docs: str = DOCS) -> Response:
    """A refusal in GitHub's form: `{"message", "errors", "documentation_url", "status"}`."""
    errors = {"errors": list(refused.errors)} if refused.errors else {}
    body = {"message": refused.message, **errors, "documentation_url": docs, "status": str(refused.status)}
    return response(Answer(refused.status, body))


def response(answer: Answer) -> Response:
    """An answer with the headers that GitHub sends along."""
    headers = {
        "X-GitHub-Media-Type": "github.v3; format=json",
        "X-GitHub-Request-Id": str(uuid.uuid4()).upper(),
        "X-RateLimit-Limit": str(RATE_LIMIT),
        "X-RateLimit-Remaining": str(RATE_LIMIT),
        "X-RateLimit-Used": "0",
        "X-RateLimit-Reset": str(next_reset()),
        "X-RateLimit-Resource": "core",
        **answer.headers,
    }
    if answer.body is None:
        return Response(None, answer.status, headers)
    if isinstance(answer.body, bytes):
        return Response(answer.body, answer.status, headers)
    text = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, answer.status, headers, "application/json; charset=utf-8")


def _respond(forge: Forge, endpoint: Endpoint) -> _Respond:
    async def respond(request: Request) -> Response:
        raw = await request.body()
        return await run_in_threadpool(_answered, forge, endpoint, request, raw)

    return respond


def _answered(forge: Forge, endpoint: Endpoint, request: Request, raw: bytes) -> Response:
    try:
        with forge.lock:
            return response(endpoint.handler(_call(forge, request, raw)))
    except RefusedError as refused:
        return refusal(refused, endpoint.docs)


def _call(forge: Forge, request: Request, raw: bytes) -> Call:
    web = f"{request.url.scheme}://{request.url.netloc}"
    api = web + PREFIX if request.url.path.startswith(f"{PREFIX}/") else web
    if any("\0" in str(value) for value in (*request.path_params.values(), *request.query_params.values())):
        raise not_found()
    viewer = user(forge, request.headers.get("authorization", ""))
    url = f"{web}{request.url.path}"
    return Call(
        View(forge, api, web, viewer), request.path_params, request.query_params, request.headers, raw, url
    )

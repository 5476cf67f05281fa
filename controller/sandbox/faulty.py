"""The box's faults at its door: answers that fail, come late or get lost; and the address at which faults are asked for."""

import asyncio
import math
import time

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from controller.sandbox import faults
from controller.sandbox.accounts.access import user
from controller.sandbox.errors import RefusedError
from controller.sandbox.faults import ANSWERS, Fault
from controller.sandbox.forge import Forge

CONTROL = "/_box/faults"
_ENTERPRISE = "/api/v3"
_LIMITS = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"


class Faulty:
    """An application whose answers may go wrong.

    Args:
        app: What answers when nothing does.
        forge: Whose faults strike.
    """

    def __init__(self, app: ASGIApp, forge: Forge) -> None:
        self._app, self._forge = app, forge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or fail to."""
        fault = None if scope["path"] == CONTROL else self._forge.faults.take(ANSWERS, _asked(scope))
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault and fault.kind == "lost_answer":
            await self._app(scope, receive, _nowhere)
        if fault is None or fault.kind == "slow":
            await self._app(scope, receive, send)
        else:
            await _instead(fault)(scope, receive, send)


def routes(forge: Forge) -> list[Route]:
    """The address at which faults are asked for; it takes anybody's token."""

    async def control(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(_control, forge, request, body)

    return [Route(CONTROL, control, methods=["GET", "POST", "DELETE"])]


def _control(forge: Forge, request: Request, body: bytes) -> Response:
    try:
        with forge.lock:
            if user(forge, request.headers.get("authorization", "")) is None:
                return JSONResponse({"message": "Requires authentication"}, 401)
        if request.method == "POST":
            forge.faults.add(faults.read(body))
    except RefusedError as refused:
        return JSONResponse({"message": refused.message}, refused.status)
    except ValueError as problem:
        return JSONResponse({"message": str(problem)}, 422)
    if request.method == "DELETE":
        forge.faults.clear()
    return JSONResponse([faults.shown(fault) for fault in forge.faults.all()])


def _asked(scope: Scope) -> str:
    path = str(scope["path"])
    return (
        f"{scope['method']} {path.removeprefix(_ENTERPRISE) if path.startswith(f'{_ENTERPRISE}/') else path}"
    )


async def _nowhere(_message: Message) -> None:
    pass


def _instead(fault: Fault) -> Response:
    if fault.kind == "rate_limit":
        reset = {
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(math.ceil(time.time() + fault.seconds)),
        }
        return _refusal(403, "API rate limit exceeded.", {"X-RateLimit-Limit": "5000", **reset})
    if fault.kind == "secondary_limit":
        message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        return _refusal(403, message, {"Retry-After": str(math.ceil(fault.seconds))})
    return _refusal(502 if fault.kind == "lost_answer" else 500, "Server Error", {})


def _refusal(status: int, message: str, headers: dict[str, str]) -> Response:
    docs = {"documentation_url": _LIMITS} if headers else {}
    headers = {"X-Box-Fault": "asked for", **headers}
    return JSONResponse({"message": message, **docs, "status": str(status)}, status, headers)

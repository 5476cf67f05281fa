"""POST /webhooks/github: size, media type, signature, form, repository; then recorded, and answered.

The checks come in this order, so that nothing unsigned is ever parsed. GitHub waits ten seconds for the answer
(https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks).
"""

import asyncio
from functools import partial
from typing import Any

import structlog
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from controller.core.call import Call
from controller.core.delivery import MEDIA_TYPES, Delivery, check_signature, read_delivery
from controller.core.event import Ignored, read_event
from controller.errors import BadSignature, LedgerError, MalformedDelivery
from controller.pipeline import receive
from controller.ports import Arrival, Ports
from controller.settings import Settings
from controller.web.together import Together

log = structlog.get_logger(__name__)

GATHERING = 0.002
"""Seconds for which deliveries gather that are recorded together; the longer, the fewer transactions, and the later all."""

NOTING = 0.25
"""Seconds until it is noted which calls were sent: each noting is a transaction, for which deliveries would wait."""


class _Refused(Exception):
    """A delivery that gets this status and these words, and leaves no trace in the ledger."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


def make_webhook(ports: Ports, settings: Settings) -> Route:
    """The listener's route; a plain one, for what FastAPI makes of parameters and answers is not needed here."""
    secrets = tuple(secret.get_secret_value() for secret in settings.webhook_secrets)
    record, waking = Together(ports.ledger.record, GATHERING), _Waking(ports)

    async def _receive(request: Request) -> Response:
        try:
            body = await _body(request, settings.body_limit)
            delivery = _read(request, body, secrets)
            call = _concerned(settings.repository, delivery)
            if isinstance(call, Ignored):
                return _answer(200, f"ignored: {call.why}")
            calls = await _recorded(record, delivery, call)
            return _answer(202, "recorded", BackgroundTask(waking, calls), delivery=delivery.guid)
        except _Refused as refused:
            return _answer(refused.status, str(refused))

    return Route("/webhooks/github", _receive, methods=["POST"], include_in_schema=False)


async def _body(request: Request, limit: int) -> bytes:
    words = f"a delivery has at most {limit} bytes here"
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > limit:
        raise _Refused(413, words)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise _Refused(413, words)
    return bytes(body)


def _read(request: Request, body: bytes, secrets: tuple[str, ...]) -> Delivery:
    headers = request.headers
    media_type = headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        raise _Refused(415, f"send {' or '.join(MEDIA_TYPES)}")
    try:
        check_signature(headers.get("x-hub-signature-256"), body, secrets)
        delivery = read_delivery(
            headers.get("x-github-delivery"), headers.get("x-github-event"), media_type, body
        )
        if delivery.repository is not None:
            read_event(delivery)  # whether it can be read at all comes before whose it is
    except BadSignature as error:
        raise _Refused(401, str(error)) from error
    except MalformedDelivery as error:
        raise _Refused(400, str(error)) from error
    return delivery


def _concerned(repository: str, delivery: Delivery) -> Call | Ignored:
    if delivery.repository is None:
        return Ignored("a delivery about no repository")
    if delivery.repository.lower() != repository.lower():
        raise _Refused(403, f"`{delivery.repository}` is not the repository of this controller")
    return receive.concerned(delivery)


async def _recorded(
    record: Together[Arrival, tuple[Call, ...]], delivery: Delivery, call: Call
) -> tuple[Call, ...]:
    try:
        return await record((delivery, call))
    except LedgerError as error:
        log.warning("a delivery could not be recorded", delivery=delivery.guid, error=str(error))
        raise _Refused(503, "the ledger cannot record it now; send it again") from error


class _Waking:
    """Sends calls after the answer: they are recorded, so nothing hangs on it but time, nor does a broker that hangs.

    What was sent is noted by nobody's request, and once for many. What is not noted in the end is sent again.
    """

    def __init__(self, ports: Ports) -> None:
        self._wake, self._ledger = Together(partial(receive.wake, ports)), ports.ledger
        self._sent: list[Call] = []
        self._noting: asyncio.Task[None] | None = None

    async def __call__(self, calls: tuple[Call, ...]) -> None:
        if calls and await self._wake(calls):
            self._sent += calls
            self._noting = self._noting or asyncio.create_task(self._note())

    async def _note(self) -> None:
        await asyncio.sleep(NOTING)
        sent, self._sent, self._noting = tuple(self._sent), [], None
        try:
            await run_in_threadpool(self._ledger.sent, sent)
        except LedgerError as error:
            log.warning("calls that were sent could not be noted: they are sent again", error=str(error))


def _answer(status: int, words: str, after: BackgroundTask | None = None, **more: Any) -> JSONResponse:
    return JSONResponse({"message": words, **more}, status_code=status, background=after)

"""POST /webhooks/github: size, media type, signature, form, repository; then recorded, and answered.

The checks come in this order, so that nothing unsigned is ever parsed. GitHub waits ten seconds for the answer
(https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks).
"""

from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from controller.core.delivery import MEDIA_TYPES, Delivery, check_signature, read_delivery
from controller.core.event import read_event
from controller.errors import BadSignature, LedgerError, MalformedDelivery
from controller.pipeline.receive import receive
from controller.ports import Ports
from controller.settings import Settings

log = structlog.get_logger(__name__)


class _Refused(Exception):
    """A delivery that gets this status and these words, and leaves no trace in the ledger."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


def make_webhook(ports: Ports, settings: Settings) -> APIRouter:
    """The listener's route."""
    router = APIRouter()
    secrets = tuple(secret.get_secret_value() for secret in settings.webhook_secrets)

    @router.post("/webhooks/github", status_code=202, include_in_schema=False)
    async def _receive(request: Request) -> Response:
        try:
            body = await _body(request, settings.body_limit)
            delivery = _read(request, body, secrets)
            return await run_in_threadpool(_record, ports, settings.repository, delivery)
        except _Refused as refused:
            return _answer(refused.status, str(refused))

    return router


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


def _record(ports: Ports, repository: str, delivery: Delivery) -> Response:
    if delivery.repository is None:
        return _answer(200, "ignored: a delivery about no repository")
    if delivery.repository.lower() != repository.lower():
        raise _Refused(403, f"`{delivery.repository}` is not the repository of this controller")
    try:
        ignored = receive(ports, delivery)
    except LedgerError as error:
        log.warning("a delivery could not be recorded", delivery=delivery.guid, error=str(error))
        raise _Refused(503, "the ledger cannot record it now; send it again") from error
    if ignored is not None:
        return _answer(200, f"ignored: {ignored.why}")
    return _answer(202, "recorded", delivery=delivery.guid)


def _answer(status: int, words: str, **more: Any) -> JSONResponse:
    return JSONResponse({"message": words, **more}, status_code=status)

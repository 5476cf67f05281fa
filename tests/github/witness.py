"""Everything that a box in this process answers and delivers, held against GitHub's description as it happens."""

import json
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from controller.sandbox import running
from controller.sandbox.webhooks import events
from tests.github.description import Description, Exchange

PREFIX = "/api/v3"
MEDIA_TYPE, FAULT = "x-github-media-type", "x-box-fault"
PATIENCE = 5.0


class Witness:
    """Watches boxes; what GitHub would not do is in `violations`."""

    def __init__(self, description: Description) -> None:
        self.description = description
        self.violations: list[str] = []
        self._lock = threading.Lock()
        self._forges = weakref.WeakSet[Any]()

    @contextmanager
    def watching(self) -> Iterator["Witness"]:
        """Watch every box that is started in the block."""
        application, record = running.application, events.record

        def watched(forge: Any) -> Any:
            self._forges.add(forge)
            return self._heard(application(forge))

        with (
            patch.object(running, "application", watched),
            patch.object(events, "record", lambda forge, attempt: self._delivered(record, forge, attempt)),
        ):
            yield self

    def taken(self) -> list[str]:
        """The violations since the last time; what is under way to a receiver is waited for."""
        for forge in list(self._forges):
            forge.deliver.__self__.settle(PATIENCE)
        with self._lock:
            found, self.violations = self.violations, []
        return found

    def _heard(self, app: Any) -> Any:
        async def watched(scope: Any, receive: Any, send: Any) -> None:
            sent, answer = bytearray(), Answering()

            async def listen() -> Any:
                message = await receive()
                sent.extend(message.get("body", b""))
                return message

            async def speak(message: Any) -> None:
                answer.take(message)
                await send(message)

            await app(scope, listen, speak)
            self._judge(answer.exchange(scope, bytes(sent)))

        return watched

    def _judge(self, exchange: Exchange) -> None:
        """Whatever is asked at an address of the API; not what a box was told to answer wrongly."""
        turned_away = (
            not exchange.agent and exchange.status == 403
        )  # by who stands before the API, in plain text
        if FAULT in exchange.headers or turned_away:
            return
        if exchange.status >= 500:
            self._note(iter([f"{exchange}: a crash"]))
        is_api = self.description.operation(exchange.method, exchange.path) or MEDIA_TYPE in exchange.headers
        if is_api and not exchange.path.endswith("/graphql"):
            self._note(self.description.violations(exchange))

    def _delivered(self, record: Callable[..., None], forge: Any, attempt: Any) -> None:
        self._note(self.description.of_delivery(attempt.event, json.loads(attempt.payload)))
        record(forge, attempt)

    def _note(self, found: Iterator[str]) -> None:
        try:
            said = list(found)
        except Exception as problem:  # noqa: BLE001 -- the server would swallow it, and with it the violation
            said = [f"the witness cannot read it: {problem!r}"]
        with self._lock:
            self.violations.extend(said)


class Answering:
    """An answer as its messages come."""

    def __init__(self) -> None:
        self.status, self.headers, self.body = 0, dict[str, str](), bytearray()

    def take(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {
                name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]
            }
        else:
            self.body.extend(message.get("body", b""))

    def exchange(self, scope: Any, sent: bytes) -> Exchange:
        path, asked = scope["path"], dict(scope["headers"])
        return Exchange(
            scope["method"],
            path.removeprefix(PREFIX) if path.startswith(f"{PREFIX}/") else path,
            scope["query_string"].decode(),
            sent,
            self.status,
            self.headers,
            bytes(self.body),
            asked.get(b"user-agent", b"").decode("latin-1"),
        )

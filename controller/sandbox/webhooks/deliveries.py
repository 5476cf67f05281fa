"""Deliveries on their way: signed, sent in each hook's order by a thread of its own, every attempt recorded.

A failed delivery is not sent again, as on GitHub:
https://docs.github.com/webhooks/using-webhooks/handling-failed-webhook-deliveries.
"""

import hashlib
import hmac
import http.client
import queue
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

from controller.sandbox.forge import now
from controller.sandbox.nouns import Delivery, Hook

TIMEOUT = 10.0
_ANSWER_LIMIT = 65_536
_Parcel = tuple[Hook, Delivery]


def body(hook: Hook, delivery: Delivery) -> bytes:
    """What is posted: the JSON itself, or a form with it in the field `payload`."""
    if hook.content_type == "form":
        return urlencode({"payload": delivery.payload}).encode()
    return delivery.payload.encode()


def headers(hook: Hook, delivery: Delivery) -> dict[str, str]:
    """The headers of a delivery: https://docs.github.com/webhooks/webhook-events-and-payloads#delivery-headers."""
    kind = "application/json" if hook.content_type == "json" else "application/x-www-form-urlencoded"
    plain = {
        "Accept": "*/*",
        "Content-Type": kind,
        "User-Agent": "GitHub-Hookshot/"
        + hashlib.sha1(hook.url.encode(), usedforsecurity=False).hexdigest()[:7],
        "X-GitHub-Delivery": delivery.guid,
        "X-GitHub-Event": delivery.event,
        "X-GitHub-Hook-ID": str(hook.id),
        "X-GitHub-Hook-Installation-Target-ID": str(hook.target),
        "X-GitHub-Hook-Installation-Target-Type": hook.target_type,
    }
    return plain | (_signatures(hook.secret, body(hook, delivery)) if hook.secret else {})


def _signatures(secret: str, data: bytes) -> dict[str, str]:
    digests = {"X-Hub-Signature": "sha1", "X-Hub-Signature-256": "sha256"}
    return {
        name: f"{kind}={hmac.new(secret.encode(), data, kind).hexdigest()}" for name, kind in digests.items()
    }


def attempt(hook: Hook, delivery: Delivery) -> Delivery:
    """Post a delivery once.

    Returns:
        The delivery with what was sent and what came back; never raises for what the other side does.
    """
    started = time.monotonic()
    sent = replace(delivery, delivered_at=now(), url=hook.url, request_headers=headers(hook, delivery))
    try:
        answered = _posted(hook, sent)
    except TimeoutError:
        answered = replace(sent, status="timed out")
    except (OSError, http.client.HTTPException, ValueError) as problem:
        answered = replace(sent, status=f"failed to connect to host: {problem}")
    return replace(answered, duration=round(time.monotonic() - started, 3))


def _posted(hook: Hook, delivery: Delivery) -> Delivery:
    connection = _connection(hook)
    try:
        address = urlsplit(hook.url)
        target = (address.path or "/") + (f"?{address.query}" if address.query else "")
        connection.request("POST", target, body(hook, delivery), delivery.request_headers)
        answer = connection.getresponse()
        text = answer.read(_ANSWER_LIMIT).decode(errors="replace")
        ok = 200 <= answer.status < 300  # noqa: PLR2004 the class of codes that mean success
        status = "OK" if ok else f"Invalid HTTP Response: {answer.status}"
        return replace(
            delivery,
            status=status,
            status_code=answer.status,
            response_headers=dict(answer.getheaders()),
            response_body=text,
        )
    finally:
        connection.close()


def _connection(hook: Hook) -> http.client.HTTPConnection:
    address = urlsplit(hook.url)
    host = address.hostname or ""
    if address.scheme == "http":
        return http.client.HTTPConnection(host, address.port, timeout=TIMEOUT)
    context = ssl.create_default_context()
    if hook.insecure_ssl:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection(host, address.port, timeout=TIMEOUT, context=context)


class Courier:
    """Sends parcels, each hook's in order, so that a slow receiver holds up only itself.

    Args:
        record: Told of every attempt, from the hook's thread.
    """

    def __init__(self, record: Callable[[Delivery], None]) -> None:
        self._record = record
        self._queues: dict[int, queue.SimpleQueue[_Parcel | None]] = {}
        self._threads: list[threading.Thread] = []
        self._unsent: list[_Parcel] = []
        self._recording = 0
        self._changed = threading.Condition()

    def send(self, hook: Hook, delivery: Delivery) -> None:
        """Put a delivery on its way and return at once."""
        with self._changed:
            self._unsent.append((hook, delivery))
            if hook.id not in self._queues:
                self._start(hook.id)
            self._queues[hook.id].put((hook, delivery))

    def settle(self, timeout: float) -> bool:
        """Wait until nothing is under way.

        Args:
            timeout: How long, in seconds.

        Returns:
            Whether that came to pass.
        """
        with self._changed:
            return self._changed.wait_for(lambda: not self._unsent and not self._recording, timeout)

    def stop(self, timeout: float) -> None:
        """Send what is under way, for at most `timeout` seconds, record the rest as timed out, and end the threads."""
        until = time.monotonic() + timeout
        self.settle(timeout)
        with self._changed:
            late, self._unsent = self._unsent, []
        for hook, delivery in late:
            self._record(replace(delivery, delivered_at=now(), url=hook.url, status="timed out"))
        self.settle(timeout)
        for waiting in self._queues.values():
            waiting.put(None)
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _start(self, hook_id: int) -> None:
        self._queues[hook_id] = queue.SimpleQueue()
        thread = threading.Thread(target=self._work, args=(self._queues[hook_id],), daemon=True)
        thread.start()
        self._threads.append(thread)

    def _work(self, waiting: "queue.SimpleQueue[_Parcel | None]") -> None:
        while (parcel := waiting.get()) is not None:
            if parcel in self._unsent:
                self._keep(parcel, attempt(*parcel))

    def _keep(self, parcel: _Parcel, attempted: Delivery) -> None:
        with self._changed:
            # Whoever stops the courier has recorded what was unsent, and may have closed the book since.
            if parcel not in self._unsent:
                return
            self._unsent.remove(parcel)
            self._recording += 1
        try:
            self._record(attempted)
        finally:
            with self._changed:
                self._recording -= 1
                self._changed.notify_all()

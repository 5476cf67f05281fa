"""The bell: whoever enqueues says so on a channel of the broker, and the consumers that sleep there wake up.

Nobody keeps what is said on a channel, nor is anybody sure to hear it (https://valkey.io/topics/pubsub/): a bell makes
waiting short, and whoever waits for one looks by themselves now and then.
"""

import contextlib
import threading
from typing import Any

import redis
import structlog

log = structlog.get_logger(__name__)

LISTEN = 5.0
"""Seconds until the connection is looked after, where nothing is said."""

PAUSE = 1.0
"""Seconds between two tries to listen to a broker that is away."""


class Bell:
    """Rings for queues, by name; one thread of a process listens for all of its sleepers."""

    def __init__(self, client: "redis.Redis", channel: str) -> None:
        self._client, self._channel = client, channel
        self._sleepers: dict[str, threading.Event] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_heard = True

    def ring(self, queue: str) -> None:
        """Wake whoever sleeps on a queue, in whatever process; a broker that is away is nobody's loss here."""
        with contextlib.suppress(redis.RedisError):
            self._client.publish(self._channel, queue)

    def sleeper(self, queue: str) -> threading.Event:
        """What is set when the queue's bell rings; whoever sleeps on it clears it before they look."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="bell", daemon=True)
                self._thread.start()
            return self._sleepers.setdefault(queue, threading.Event())

    def wake(self) -> None:
        """Wake whoever sleeps in this process, on whatever queue."""
        for sleeper in tuple(self._sleepers.values()):
            sleeper.set()

    def close(self) -> None:
        """Listen no more."""
        self._closed.set()
        if self._thread is not None:
            self.ring("")
            self._thread.join(LISTEN)

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                with self._client.pubsub() as words:  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
                    words.subscribe(self._channel)
                    while not self._closed.is_set():
                        self._hear(words.get_message(timeout=LISTEN) or {})
            except redis.RedisError as error:
                self._lose(error)
                self._closed.wait(PAUSE)

    def _lose(self, error: redis.RedisError) -> None:
        """Say once that nobody is heard."""
        if self._is_heard:
            log.warning("the broker is away: its queues are looked at now and then", error=str(error))
        self._is_heard = False

    def _hear(self, word: dict[str, Any]) -> None:
        """Wake who is meant; all, once we are heard again, for nobody knows what was said meanwhile."""
        match word:
            case {"type": "subscribe"}:
                self._is_heard = True
                self.wake()
            case {"type": "message", "data": bytes(queue)} if sleeper := self._sleepers.get(queue.decode()):
                sleeper.set()

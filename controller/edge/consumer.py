"""Consumers of Dramatiq's that sleep until the bell rings, and take nothing while their gate is closed or no thread is free.

Dramatiq's own look again and again (https://dramatiq.io/reference.html#dramatiq.brokers.redis.RedisBroker): seldom, and a
message waits; often, and an idle worker is never idle. These look when they are called, and each second in case they
were not.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.common import dq_name
from dramatiq.errors import BrokerConnectionError

from controller.edge.bell import Bell
from controller.edge.room import Room

POLL = 1.0
"""Seconds until a sleeper looks though nobody called: for lost calls, and messages that came back from a dead worker."""

NAP = 0.1
"""Seconds between two looks at a closed gate, which is all that is looked at."""


class Gate:
    """Whether messages are taken; once it was left nobody waits for the broker any more."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self.is_open, self.was_left = True, False
        self._wake = wake

    def set(self, *, is_open: bool) -> None:
        """Open or close it; a gate that was left stays closed."""
        self.is_open = is_open and not self.was_left

    def leave(self) -> None:
        """Close it for good, and let nobody sleep on."""
        self.is_open, self.was_left = False, True
        self._wake()


class WakingBroker(RedisBroker):
    """Dramatiq's broker on Redis, with a bell, a gate and the room of one group of threads."""

    def __init__(self, url: str, *, poll: float = POLL, **options: Any) -> None:
        super().__init__(url=url, **options)  # type: ignore[no-untyped-call]  # Dramatiq leaves its constructor untyped
        self.bell = Bell(self.client, f"{self.namespace}:bell")
        self.poll, self.gate, self.room = poll, Gate(self.bell.wake), Room()

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 0) -> "WakingConsumer":  # noqa: ARG002 -- how long Dramatiq's own would sleep; ours sleeps outside of it
        """A consumer of the queue; `prefetch` is for all queues together, but for those of delayed messages."""
        inner = super().consume(queue_name, prefetch, timeout=0)
        # What is delayed needs no thread, only memory. Its consumers also tell the broker that a full worker lives.
        is_delayed = queue_name == dq_name(queue_name)
        return WakingConsumer(self, queue_name, inner, None if is_delayed else prefetch)

    def enqueue(
        self, message: "dramatiq.Message[Any]", *, delay: int | None = None
    ) -> "dramatiq.Message[Any]":
        """Enqueue a message, and say so.

        Raises:
            BrokerConnectionError: the broker is away.
        """
        with _away():
            sent = super().enqueue(message, delay=delay)
        self.bell.ring(sent.queue_name)
        return sent

    def enqueue_all(self, messages: "Iterable[dramatiq.Message[Any]]") -> None:
        """Enqueue messages, and say so once for each of their queues.

        Raises:
            BrokerConnectionError: the broker is away; of the messages it may have taken some.
        """
        queues = set()
        for message in messages:
            self.declare_queue(message.queue_name)
            with _away():
                queues.add(super().enqueue(message).queue_name)
        for queue in queues:
            self.bell.ring(queue)

    def close(self) -> None:
        """Give back every connection."""
        self.bell.close()
        super().close()
        self.client.close()


class WakingConsumer(dramatiq.Consumer):
    """One of Dramatiq's consumers, never asked in vain."""

    def __init__(self, broker: WakingBroker, queue: str, inner: Any, limit: int | None) -> None:
        self._broker, self._queue, self._inner, self._limit = broker, queue, inner, limit
        self._sleeper = broker.bell.sleeper(queue)

    def __next__(self) -> "dramatiq.MessageProxy | None":
        """The next message, None where nothing came for a while."""
        self._sleeper.clear()
        if not self._broker.gate.is_open:
            self._sleeper.wait(NAP)
            return None
        message = self._look() if self._limit is None else self._look_for_one(self._limit)
        if message is None:
            self._sleeper.wait(self._broker.poll)
        return message

    def _look(self) -> "dramatiq.MessageProxy | None":
        with _away():
            found: dramatiq.MessageProxy | None = next(self._inner)
        return found

    def _look_for_one(self, limit: int) -> "dramatiq.MessageProxy | None":
        """Look where there is room, and for no more than one message: the next may be for another queue's, or another worker's."""
        if not self._broker.room.enter(limit, self._sleeper):
            return None
        message = None
        try:
            self._inner.prefetch = self._inner.outstanding_message_count + 1
            message = self._look()
        finally:
            self._broker.room.leave(message)
        return message

    def ack(self, message: dramatiq.MessageProxy) -> None:
        """A message is done: there is room for another."""
        with self._done(message):
            self._inner.ack(message)

    def nack(self, message: dramatiq.MessageProxy) -> None:
        """A message failed for good."""
        with self._done(message):
            self._inner.nack(message)

    def requeue(self, messages: Iterable[dramatiq.MessageProxy]) -> None:
        """What was taken and not begun is for others."""
        back = tuple(messages)
        try:
            with _away():
                self._inner.requeue(back)
        finally:
            self._broker.room.give_up(back)
        self._broker.bell.ring(self._queue)

    def close(self) -> None:
        """Nothing is left to close."""
        self._inner.close()

    @contextmanager
    def _done(self, message: dramatiq.MessageProxy) -> Iterator[None]:
        """Dramatiq tries for ever to tell the broker; who leaves does not wait, and others hear of the message again.

        There is room at once, told or not: what is never told must not be in hands for ever.
        """
        try:
            with _away():
                yield
        except BrokerConnectionError:
            if not self._broker.gate.was_left:
                raise
        finally:
            self._broker.room.give_up((message,))
            self._sleeper.set()


@contextmanager
def _away() -> Iterator[None]:
    """Every error of the broker's as the one that Dramatiq outlives."""
    try:
        yield
    except redis.RedisError as error:
        raise BrokerConnectionError(str(error)) from error  # type: ignore[no-untyped-call]  # likewise

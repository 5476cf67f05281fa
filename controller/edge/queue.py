"""The broker: Dramatiq messages by actor name, ids only.

https://dramatiq.io/reference.html#dramatiq.Message; an actor is known by its name, so that whoever sends needs no code
of whoever works.
"""

from collections.abc import Callable

import dramatiq
import redis
from dramatiq.errors import BrokerConnectionError
from dramatiq.middleware import Callbacks, Middleware, Retries, ShutdownNotifications

from controller.core.call import Call
from controller.edge.consumer import POLL, WakingBroker
from controller.errors import QueueError, SettingsError

HEARTBEAT_TIMEOUT = 60_000
"""Milliseconds after which a silent worker's messages go to another."""


def make_broker(url: str, poll: float = POLL) -> WakingBroker:
    """A broker set as this product needs it; `poll` is how many seconds its consumers sleep where no bell rings.

    No TimeLimit: it cannot interrupt a waiting subprocess, and steps have deadlines of their own. Maintenance with every
    command: by default a dead worker's messages come back after minutes, or never on a quiet queue.

    Raises:
        SettingsError: the URL is none.
    """
    middleware: list[Middleware] = [
        ShutdownNotifications(),
        Callbacks(),
        Retries(min_backoff=1_000, max_backoff=60_000),
    ]
    options = {"maintenance_chance": 1_000_000, "heartbeat_timeout": HEARTBEAT_TIMEOUT}
    try:
        return WakingBroker(url, poll=poll, middleware=middleware, **options)
    except ValueError as error:
        raise SettingsError(f"REDIS_URL is no address of a broker: {error}") from error


class DramatiqQueue:
    """The `Queue` port; `route` says which broker object has a queue.

    A worker has one for each of its groups of threads, and a queue that is declared there is consumed there.
    """

    def __init__(self, route: Callable[[str], WakingBroker]) -> None:
        self._route = route

    def send(self, *calls: Call) -> None:
        """See `ports.Queue`."""
        routed: dict[WakingBroker, list[dramatiq.Message[None]]] = {}
        for call in calls:
            routed.setdefault(self._route(call.queue), []).append(_message(call))
        try:
            for broker, messages in routed.items():
                broker.enqueue_all(messages)
        except (BrokerConnectionError, redis.RedisError) as error:
            names = ", ".join(sorted({f"`{call.actor.value}`" for call in calls}))
            raise QueueError(f"the broker does not take {names}: {error}") from error

    def ping(self) -> None:
        """See `ports.Queue`."""
        try:
            self._route("").client.ping()
        except redis.RedisError as error:
            raise QueueError(f"the broker does not answer: {error}") from error


def _message(call: Call) -> "dramatiq.Message[None]":
    args = () if call.argument is None else (call.argument,)
    return dramatiq.Message(
        queue_name=call.queue, actor_name=call.actor.value, args=args, kwargs={}, options={}
    )

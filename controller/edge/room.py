"""Room: how many messages a group of threads has in hands, over all its queues.

A message that was taken is in the memory of one process, and nobody else's to take. Dramatiq counts them for each queue
(https://github.com/Bogdanp/dramatiq/issues/183); these are counted over all queues of a broker object, so that a group
of threads that is busy with one environment leaves the others' messages to whoever is idle.
"""

import threading
from collections.abc import Iterable

import dramatiq


class Room:
    """Which messages a broker object has in hands, over all its queues, and who waits for one of them to end.

    By their ids on the broker, so that nothing is counted twice, or given up twice: Dramatiq tells the end of a message to
    another consumer than it took it from, once it had to begin anew.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: set[str] = set()
        self._asking = 0
        self._turned_away: dict[threading.Event, None] = {}

    def enter(self, limit: int, sleeper: threading.Event) -> bool:
        """Whether there is room for one more, which is kept until `leave`; a sleeper that is turned away is woken then."""
        with self._lock:
            if len(self._taken) + self._asking >= limit:
                self._turned_away[sleeper] = None
                return False
            self._asking += 1
            return True

    def leave(self, message: "dramatiq.MessageProxy | None") -> None:
        """What the broker gave to one who had entered is in hands; or it gave nothing, and there is room for others."""
        with self._lock:
            self._asking -= 1
            if message is not None:
                self._taken.add(_number(message))
        if message is None:
            self._wake()

    def give_up(self, messages: "Iterable[dramatiq.MessageProxy]") -> None:
        """These are in hands no more, whatever became of them."""
        with self._lock:
            self._taken.difference_update(map(_number, messages))
        self._wake()

    def _wake(self) -> None:
        """Wake all who were turned away, the first of them first; one that finds its queue empty wakes the rest again."""
        with self._lock:
            sleepers, self._turned_away = tuple(self._turned_away), {}
        for sleeper in sleepers:
            sleeper.set()


def _number(message: "dramatiq.MessageProxy") -> str:
    """Its id on the broker, which a repeated message has of its own."""
    return str(message.options["redis_message_id"])

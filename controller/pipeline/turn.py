"""One at a time: a story that looks at what is needs no second teller, only to be told again."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from uuid import uuid4

from controller.errors import InfrautomaterError, LedgerError
from controller.ports import Ports

SECONDS = 30.0
"""A teller that died is waited for so long: less than until its message comes back, or nobody would tell the story."""


def single_flight(ports: Ports, name: str, story: Callable[[], None], pause: float = 0.0) -> None:
    """Tell the story unless somebody is at it, in which case they tell it once more when they are done.

    Args:
        ports: whom to ask for the turn.
        name: the turn's.
        story: what is told.
        pause: seconds until it is told once more, for what comes in bursts.
    """
    owner = f"{ports.me} {uuid4()}"
    while ports.turns.take(name, owner, SECONDS):
        try:
            with _kept(ports, name, owner):
                story()
        except BaseException as error:
            is_wanted = ports.turns.give_back(name, owner)
            if not is_wanted or not isinstance(error, InfrautomaterError):
                raise  # else whoever wanted it meanwhile left the telling to us
        else:
            if not ports.turns.give_back(name, owner):
                return
        time.sleep(pause)


@contextmanager
def _kept(ports: Ports, name: str, owner: str) -> Iterator[None]:
    """Lengthen one's own turn as long as the block runs, however long that is."""
    ended = threading.Event()

    def keep() -> None:
        while not ended.wait(SECONDS / 3):
            with suppress(LedgerError):
                ports.turns.take(name, owner, SECONDS)

    thread = threading.Thread(target=keep, name=f"turn of {name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()

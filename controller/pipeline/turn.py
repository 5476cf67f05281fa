"""One at a time: a story that looks at what is needs no second teller, only to be told again."""

from collections.abc import Callable
from uuid import uuid4

from controller.ports import Ports

SECONDS = 300.0
"""Longer than any look takes; a teller that died is waited for so long."""


def single_flight(ports: Ports, name: str, story: Callable[[], None]) -> None:
    """Tell the story unless somebody is at it, in which case they tell it once more when they are done."""
    owner = f"{ports.me} {uuid4()}"
    while ports.turns.take(name, owner, SECONDS):
        try:
            story()
        except BaseException:
            ports.turns.give_back(name, owner)
            raise
        if not ports.turns.give_back(name, owner):
            return

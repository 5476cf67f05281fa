"""unheard: commands in comments of which no delivery told, or whose call was lost on its way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.core.call import Call, command
from controller.core.command import read_commands
from controller.ports import Ports

GRACE = timedelta(minutes=1)
"""A comment so young is on its way to us by itself, and would only be answered twice at once."""
AGAIN = timedelta(hours=1)
"""Looked for so much longer: what a delivery told may be lost in the broker."""
OLDEST = timedelta(days=1)
"""Nobody waits so long for an answer: after a longer silence of ours people ask again."""


@dataclass(frozen=True)
class Unheard:
    """The calls for what nobody has answered, and until when every comment was looked at."""

    calls: tuple[Call, ...]
    until: datetime


def unheard(ports: Ports, heard: datetime | None) -> Unheard:
    """Find the commands that nobody answered.

    One question finds those of all pulls, closed ones too. What was written before the first look of all is not for us: nobody
    knows whom it was meant for.

    Args:
        ports: all we know.
        heard: until when every comment was looked at, None where this is the first look.
    """
    now = ports.now()
    if heard is None:
        return Unheard((), now)
    since = max(heard, now - OLDEST)
    return Unheard(tuple(_unanswered(ports, since, now - GRACE)), max(heard, now - AGAIN))


def _unanswered(ports: Ports, since: datetime, until: datetime) -> Iterator[Call]:
    for comment, words in ports.github.comments_between(since, until).items():
        if read_commands(words) and ports.views.answer(comment) is None:
            yield command(comment)

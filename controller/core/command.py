"""Command: what somebody asks for in a comment, a line that begins with `/infra`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from controller.core.rejection import nearest

PREFIX = "/infra"
MOST = 20
"""So many commands of one comment are read; nobody means more."""

OURS = "<!-- infrautomater:"
"""How each of the controller's own comments begins."""

_HIDDEN = re.compile(r"<!--.*?-->|^ {0,3}<!--.*\Z", re.DOTALL | re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$")
_LINE = re.compile(rf"^{PREFIX}(?:[ \t]+(?P<words>.*))?$", re.IGNORECASE)


class Verb(StrEnum):
    """What can be asked for."""

    HELP = "help"
    PLAN = "plan"
    APPLY = "apply"
    RETRY = "retry"
    CONFIRM_DESTROY = "confirm-destroy"
    UNLOCK = "unlock"


@dataclass(frozen=True)
class Command:
    """One command; `name` is that of a request, only where one must be named."""

    verb: Verb
    name: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (PREFIX, self.verb.value, self.name)))


@dataclass(frozen=True)
class Misspelt:
    """A line that begins like a command and is none; `way_out` says what to write instead."""

    line: str
    way_out: str


def read_commands(body: str) -> tuple[Command | Misspelt, ...]:
    """The commands of a comment, in their order.

    A command is a line of its own. What is quoted, in a fence, indented as code or hidden from readers is none, and neither is
    any line of the controller's own comments.
    """
    if body.startswith(OURS):
        return ()
    return tuple(_read(words) for words in list(_asked(body))[:MOST])


def _asked(body: str) -> Iterator[str]:
    """What follows the prefix, of each line that a reader sees as a command."""
    fence = ""
    for line in _HIDDEN.sub("", body.replace("\r\n", "\n")).split("\n"):
        mark = _FENCE.match(line)
        if fence:
            fence = "" if mark and mark[1].startswith(fence) and not mark[2].strip() else fence
        elif mark:
            fence = mark[1]
        elif found := _LINE.match(line.rstrip()):
            yield (found["words"] or "").strip()


def _read(words: str) -> Command | Misspelt:
    first, _, rest = words.partition(" ")
    name, line = rest.strip(), f"{PREFIX} {words}".strip()
    if first.lower() not in set(Verb):
        return Misspelt(
            line, nearest(first.lower(), Verb) if first else "Say what: `/infra help` has a list."
        )
    verb = Verb(first.lower())
    if verb is not Verb.CONFIRM_DESTROY:
        return Misspelt(line, f"Write `{PREFIX} {verb}` alone.") if name else Command(verb)
    if not name or " " in name:
        return Misspelt(line, f"Name one request: `{PREFIX} {verb} NAME`, or `environment/kind/name`.")
    return Command(verb, name.strip("`"))

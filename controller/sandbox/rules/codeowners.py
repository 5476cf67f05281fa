"""CODEOWNERS: who owns which files.

See https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathspec import PathSpec

LOCATIONS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
_WORD = re.compile(r"(?:\\ |\S)+")
_OWNER = re.compile(r"@[\w-]+(?:/[\w.-]+)?|[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class Rule:
    """A line that gives the files of a pattern to owners (`@user`, `@org/team` or a mail address), maybe to nobody."""

    line: int
    pattern: str
    owners: tuple[str, ...]
    files: "PathSpec[Any]"


@dataclass(frozen=True, slots=True)
class Mistake:
    """A line that GitHub passes over, or an owner that it does not know; counted from 1."""

    line: int
    column: int
    kind: str
    source: str
    suggestion: str | None


def read(text: str) -> list[Rule]:
    """The rules of a file; a line with a mistake in it is passed over, as on GitHub."""
    wrong = {mistake.line for mistake in mistakes(text, lambda _: True)}
    return [
        Rule(number, pattern, tuple(owners), _files(pattern))
        for number, (pattern, *owners) in _lines(text)
        if number not in wrong
    ]


def owners(rules: Iterable[Rule], path: str) -> tuple[str, ...]:
    """Who owns a file: the last rule that matches decides."""
    found: tuple[str, ...] = ()
    for rule in rules:
        if rule.files.match_file(path):
            found = rule.owners
    return found


def mistakes(text: str, known: Callable[[str], bool]) -> Iterator[Mistake]:
    """What is wrong with a file: https://docs.github.com/rest/repos/repos#list-codeowners-errors.

    Args:
        text: The file.
        known: Whether an owner exists and has write access.
    """
    sources = text.splitlines()
    for number, (pattern, *named) in _lines(text):
        source = sources[number - 1]
        if pattern.startswith("!") or "[" in pattern:
            yield Mistake(number, 1, "Invalid pattern", source, None)
            continue
        for owner in named:
            if not _OWNER.fullmatch(owner):
                hint = "Owners are @username, @org/team-name or a mail address"
                yield Mistake(number, source.index(owner) + 1, "Invalid owner", source, hint)
            elif not known(owner):
                hint = f"make sure {owner} exists and has write access to the repository"
                yield Mistake(number, source.index(owner) + 1, "Unknown owner", source, hint)


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.splitlines(), 1):
        words = _WORD.findall(re.sub(r"(^|\s)#.*", "", line))
        if words:
            yield number, words


def _files(pattern: str) -> "PathSpec[Any]":
    from pathspec import PathSpec  # noqa: PLC0415 a box without code owners starts without it

    # Git's `docs/*` takes in what lies in folders below docs, GitHub's does not.
    deeper = [f"!{pattern}/*"] if pattern.endswith("/*") else []
    return PathSpec.from_lines("gitignore", [pattern, *deeper])

"""What words of a text name: https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls."""

import re
from collections.abc import Mapping
from itertools import islice

from controller.sandbox.forge import Forge
from controller.sandbox.git.batch import commits_named
from controller.sandbox.nouns import Repository
from controller.sandbox.pages.visit import address

_MOST_DIGITS = 9
_SHA = re.compile(r"\b[0-9a-f]{7,40}\b")
_MOST_SHAS = 200


def commits(forge: Forge, repository: Repository, text: str) -> dict[str, str]:
    """The commits that words of a text name, by word; of a text that is full of such words, the first 200 count."""
    words = dict.fromkeys(found[0] for found in _SHA.finditer(text))
    return commits_named(forge.git(repository), islice(words, _MOST_SHAS))


def named(forge: Forge, repository: Repository, word: str, shas: Mapping[str, str]) -> str | None:
    """The address of what a word names, None where there is nothing of that name.

    Args:
        forge: The state.
        repository: Where the word was said.
        word: `@login`, `@organisation/team`, `#3`, `owner/name#3`, or a commit's sha.
        shas: The commits that the text names.
    """
    if word.startswith("@"):
        return _person(forge, word.removeprefix("@"))
    if "#" in word:
        return _pull(forge, repository, word)
    return address(repository, "commit", shas[word]) if word in shas else None


def _person(forge: Forge, name: str) -> str | None:
    owner, _, slug = name.partition("/")
    if slug:
        return f"/{owner}#team-{slug}" if forge.teams.find((owner, slug)) else None
    found = forge.users.find(name.lower()) or forge.organizations.find(name.lower())
    return f"/{found.login}" if found else None


def _pull(forge: Forge, repository: Repository, word: str) -> str | None:
    name, _, number = word.partition("#")
    place = forge.repositories.find(name.lower()) if name else repository
    pull = forge.pulls.find((place.id, int(number))) if place and len(number) <= _MOST_DIGITS else None
    return address(place, "pull", pull.number) if place and pull else None

"""What words of a text name: https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls."""

from itertools import chain

from controller.sandbox.forge import Forge
from controller.sandbox.git.objects import resolve
from controller.sandbox.nouns import Repository
from controller.sandbox.pages.visit import address

_MOST_DIGITS = 9


def named(forge: Forge, repository: Repository, word: str) -> str | None:
    """The address of what a word names, None where there is nothing of that name.

    Args:
        forge: The state.
        repository: Where the word was said.
        word: `@login`, `@organisation/team`, `#3`, `owner/name#3`, or a commit's sha.
    """
    if word.startswith("@"):
        return _person(forge, word.removeprefix("@"))
    return _pull(forge, repository, word) if "#" in word else _commit(forge, repository, word)


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


def _commit(forge: Forge, repository: Repository, word: str) -> str | None:
    sha = _remembered(forge, repository, word) or resolve(forge.git(repository), word)
    # A branch may look like a sha, too.
    return address(repository, "commit", sha) if sha and sha.startswith(word) else None


def _remembered(forge: Forge, repository: Repository, word: str) -> str | None:
    # Git is a process to ask; most of what people name is the head of something.
    tips = (ref.sha for ref in forge.refs.of(repository.id))
    pulls = forge.pulls_of(repository)
    shas = (sha for pull in pulls for sha in (pull.head_sha, pull.base_sha, *pull.commits, *pull.landed))
    return next((sha for sha in chain(tips, shas) if sha.startswith(word)), None)

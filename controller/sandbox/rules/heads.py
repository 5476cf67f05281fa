"""Where a pull's head lies: beside its base, or in a fork, from which its commits are fetched."""

from controller.sandbox.forge import Forge
from controller.sandbox.git.cli import Git
from controller.sandbox.nouns import Pull, Repository


def head_owner(forge: Forge, pull: Pull) -> str:
    """Who owns the head, also when the fork is gone."""
    return pull.head_owner or forge.repository_of(pull).owner


def head_repository(forge: Forge, pull: Pull) -> Repository | None:
    """The repository that the head is in; None for a fork that was deleted."""
    return forge.repositories.get(pull.head_repository or pull.repository)


def head_tip(forge: Forge, pull: Pull) -> str | None:
    """Where the head's branch points now; None if it is gone."""
    found = head_repository(forge, pull)
    return forge.branch(found, pull.head_ref) if found else None


def network(forge: Forge, repository: Repository) -> list[Repository]:
    """A repository and everything that it was forked from or that was forked from it, directly or not.

    See https://docs.github.com/repositories/viewing-activity-and-data-for-your-repository/understanding-connections-between-repositories.
    """
    first = root(forge, repository)
    return [one for one in forge.repositories.all() if root(forge, one).id == first.id]


def forks(forge: Forge, repository: Repository) -> list[Repository]:
    """What was forked from a repository itself, oldest first."""
    return [one for one in forge.repositories.all() if one.parent == repository.id]


def root(forge: Forge, repository: Repository) -> Repository:
    """What a network of forks began with; the repository itself where it is no fork."""
    parent = forge.repositories.get(repository.parent)
    return root(forge, parent) if parent else repository


def fetch(forge: Forge, pull: Pull) -> None:
    """Bring a head into the base's repository, as `refs/pull/N/head`: deleting the fork then loses nothing."""
    git, name = forge.git(forge.repository_of(pull)), f"refs/pull/{pull.number}/head"
    fork = forge.repositories.get(pull.head_repository)
    if fork is None:
        git.output("update-ref", name, pull.head_sha)
        return
    bring(forge.git(fork), git, f"+{pull.head_sha}:{name}")


def bring(source: Git, target: Git, what: str) -> None:
    """Copy commits from one repository to another.

    Args:
        source: Where they are.
        target: Where they shall be.
        what: A sha, or what git calls a refspec.
    """
    target.output("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", str(source.path), what)


def pulls_from(forge: Forge, repository: Repository) -> list[Pull]:
    """The open pulls whose head is in a repository, wherever their base is."""
    bases = network(forge, repository)
    found = [pull for base in bases for pull in forge.pulls_of(base, "open")]
    return [pull for pull in found if (pull.head_repository or pull.repository) == repository.id]

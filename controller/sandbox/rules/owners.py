"""The code owners of a pull: what its base's CODEOWNERS says of the files that it changes."""

from collections.abc import Iterator

from controller.sandbox.forge import Forge, allows
from controller.sandbox.git import objects
from controller.sandbox.git.cli import Git
from controller.sandbox.nouns import Pull, Repository, Team, User
from controller.sandbox.rules import codeowners


def text(git: Git, commit: str) -> tuple[str, str] | None:
    """The path and content of a commit's CODEOWNERS; the first of its three places that has one counts."""
    paths = ("--", *codeowners.LOCATIONS)
    listed = git.output("ls-tree", "-z", "--full-tree", commit, *paths).decode(errors="replace")
    found = {path: facts for facts, _, path in (line.partition("\t") for line in listed.split("\0")) if path}
    path = next((path for path in codeowners.LOCATIONS if path in found), None)
    if path is None:
        return None
    return path, objects.blob(git, found[path].split()[2]).decode(errors="replace")


def of_changes(git: Git, base: str, head: str) -> tuple[str, ...]:
    """Whom the owned files that differ between two commits belong to: a text of owners for each group of owners.

    Args:
        git: The repository.
        base: The base's tip, whose CODEOWNERS counts.
        head: The head's tip, compared with where it left the base.
    """
    found = text(git, base)
    if found is None:
        return ()
    rules = codeowners.read(found[1])
    names = git.output("diff", "--name-only", "--no-renames", "-z", f"{base}...{head}").decode(
        errors="replace"
    )
    groups = (" ".join(codeowners.owners(rules, path)) for path in names.split("\0") if path)
    return tuple(dict.fromkeys(group for group in groups if group))


def users(forge: Forge, owner: str) -> Iterator[User]:
    """The people that an owner of CODEOWNERS stands for, whether or not they may write."""
    team = team_of(forge, owner)
    if team:
        yield from (forge.user(login) for login in team.members)
    elif owner.startswith("@"):
        found = forge.users.find(owner[1:].lower())
        yield from [found] if found else []
    else:
        yield from (user for user in forge.users.all() if user.email.lower() == owner.lower())


def team_of(forge: Forge, owner: str) -> Team | None:
    """The team that `@org/team` names."""
    organization, slash, slug = owner.removeprefix("@").partition("/")
    if not slash:
        return None
    found = (team for team in forge.teams.all() if team.organization.lower() == organization.lower())
    return next((team for team in found if team.slug == slug.lower()), None)


def known(forge: Forge, repository: Repository, owner: str) -> bool:
    """Whether an owner exists and somebody of it has write access; others do not count."""
    return any(may_write(forge, repository, user) for user in users(forge, owner))


def may_write(forge: Forge, repository: Repository, user: User) -> bool:
    """Whether somebody's opinion counts where reviews are required."""
    return allows(forge.role(repository, user), "write")


def groups(forge: Forge, pull: Pull) -> Iterator[list[str]]:
    """The known owners of each group of a pull's owned files; a group without any is nobody's."""
    repository = forge.repository_of(pull)
    for group in pull.owners:
        found = [owner for owner in group.split() if known(forge, repository, owner)]
        if found:
            yield found

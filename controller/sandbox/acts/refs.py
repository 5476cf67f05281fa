"""Branches and tags that move: git, the forge's memory, the pulls that hang on them, and the event."""

from dataclasses import replace

from controller.sandbox.acts import pushes
from controller.sandbox.errors import unprocessable
from controller.sandbox.forge import Forge, now
from controller.sandbox.git import changes
from controller.sandbox.git.cli import ZERO, Git
from controller.sandbox.nouns import Ref, Repository, User
from controller.sandbox.rules import protection
from controller.sandbox.webhooks import events

HEADS = "refs/heads/"


def move(forge: Forge, repository: Repository, name: str, sha: str, actor: User) -> None:
    """Set a ref, also one that does not exist yet.

    Args:
        forge: The state.
        repository: Where.
        name: The full name, such as `refs/heads/main`.
        sha: Where it shall point; zeros to delete it.
        actor: Who does it.

    Raises:
        RefusedError: 422, see `point`.
    """
    point(forge, repository, name, sha)
    moved(forge, repository, name, sha, actor)


def point(forge: Forge, repository: Repository, name: str, sha: str) -> None:
    """Have git set a ref, from where the forge knows it; what that means is drawn by `moved`.

    Raises:
        RefusedError: 422, the ref is elsewhere by now, or git refuses the name: a branch `a` leaves no room for `a/b`.
    """
    known = forge.sha(repository, name) or ZERO
    what = ("-d", name, known) if sha == ZERO else (name, sha, known)
    if forge.git(repository).run("update-ref", *what).returncode:
        raise unprocessable("Reference update failed")


def check(forge: Forge, repository: Repository, name: str, sha: str, actor: User) -> None:
    """Hold a move of a ref that exists, by the API, against the branch's protection.

    Raises:
        RefusedError: 422, the branch is protected against it.
    """
    before = forge.sha(repository, name) or ZERO
    ruled = forge.protections.of(repository.id) or forge.rulesets.of(repository.id)
    if before == ZERO or not ruled:
        return
    move = _kinds(forge.git(repository), before, sha), sha
    found = protection.refused(forge, repository, name.removeprefix(HEADS), actor, move)
    if found:
        raise unprocessable(" ".join(found))


def _kinds(git: Git, before: str, sha: str) -> set[protection.Kind]:
    if sha == ZERO:
        return {"deletion"}
    kinds: set[protection.Kind] = {"push"}
    if not changes.is_ancestor(git, before, sha):
        kinds.add("force")
    if changes.has_merges(git, before, sha):
        kinds.add("merge")
    return kinds


def sync(forge: Forge, repository: Repository, actor: User) -> None:
    """Notice every ref that git moved by itself (a push over HTTP)."""
    listing = forge.git(repository).text(
        "for-each-ref", "--format=%(objectname) %(refname)", HEADS, "refs/tags/"
    )
    there = {name: sha for sha, _, name in (line.partition(" ") for line in listing.splitlines())}
    known = {ref.name: ref.sha for ref in forge.refs.of(repository.id)}
    _adopt_first_branch(forge, repository, set(there), known)
    for name in sorted(there.keys() | known.keys()):
        if there.get(name) != known.get(name):
            moved(forge, repository, name, there.get(name, ZERO), actor)


def adopt(forge: Forge, repository: Repository) -> None:
    """Remember every ref of a new repository; nothing is told, for nobody has moved them."""
    listing = forge.git(repository).text("for-each-ref", "--format=%(objectname) %(refname)", HEADS)
    for sha, _, name in (line.partition(" ") for line in listing.splitlines()):
        forge.refs.add(Ref(repository=repository.id, name=name, sha=sha))


def moved(forge: Forge, repository: Repository, name: str, sha: str, actor: User) -> None:
    """Draw the consequences of a ref's move that git has made."""
    before = _remember(forge, repository, name, sha)
    if before == sha:
        return
    current = forge.repositories.put(
        replace(forge.repository(repository.id), pushed_at=now(), updated_at=now())
    )
    ref = Ref(repository=current.id, name=name, sha=sha)
    if ZERO in (before, sha):
        events.ref(forge, current, actor, ref)
    events.push(forge, current, actor, ref, before)
    if name.startswith(HEADS):
        pushes.branch_moved(forge, current, name.removeprefix(HEADS), (before, sha), actor)


def _remember(forge: Forge, repository: Repository, name: str, sha: str) -> str:
    known = forge.refs.find((repository.id, name))
    if known and sha == ZERO:
        forge.refs.drop(known)
    elif known:
        forge.refs.put(replace(known, sha=sha))
    elif sha != ZERO:
        forge.refs.add(Ref(repository=repository.id, name=name, sha=sha))
    return known.sha if known else ZERO


def _adopt_first_branch(forge: Forge, repository: Repository, there: set[str], known: dict[str, str]) -> None:
    # As on GitHub, the first branch that an empty repository is given becomes its default branch.
    branches = sorted(name.removeprefix(HEADS) for name in there if name.startswith(HEADS))
    if known or not branches or repository.default_branch in branches:
        return
    forge.git(repository).text("symbolic-ref", "HEAD", HEADS + branches[0])
    forge.repositories.put(replace(repository, default_branch=branches[0]))

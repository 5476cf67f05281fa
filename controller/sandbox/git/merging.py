"""The three ways to merge and the test merge, made on bare repositories without a work tree.

See https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/about-merge-methods-on-github.
"""

from dataclasses import dataclass

from controller.sandbox.git import objects
from controller.sandbox.git.changes import between
from controller.sandbox.git.cli import Git, Signature

WEB_FLOW = ("GitHub", "noreply@github.com")


@dataclass(frozen=True, slots=True)
class Sides:
    """What is merged: `head` into `base`, both shas."""

    git: Git
    base: str
    head: str


def merged_tree(git: Git, base: str, head: str) -> str | None:
    """The tree of a merge; None on conflicts."""
    done = git.run("merge-tree", "--write-tree", "--no-messages", base, head)
    return done.stdout.decode().strip() if done.returncode == 0 else None


def merge(sides: Sides, author: Signature, message: str) -> str | None:
    """Make a merge commit.

    Returns:
        Its sha; None on conflicts.
    """
    return _merge_commit(sides, author, message, (sides.base, sides.head))


def squash(sides: Sides, author: Signature, message: str) -> str | None:
    """Make one commit of everything that head brings.

    Returns:
        Its sha; None on conflicts.
    """
    return _merge_commit(sides, author, message, (sides.base,))


def rebase(sides: Sides, committer: Signature) -> tuple[str, ...] | None:
    """Make head's commits again on top of base, each by its author; merge commits and empty ones are left out.

    Args:
        sides: What is merged.
        committer: Who merges, and when.

    Returns:
        The new commits' shas, oldest first; None on conflicts.
    """
    tip, landed = sides.base, list[str]()
    for commit in objects.commits(sides.git, between(sides.git, sides.base, sides.head)):
        if len(commit.parents) > 1:
            continue
        made = _picked(sides.git, commit, tip, committer)
        if made is None:
            return None
        if made != tip:
            tip = made
            landed.append(made)
    return tuple(landed)


def _merge_commit(sides: Sides, author: Signature, message: str, parents: tuple[str, ...]) -> str | None:
    tree = merged_tree(sides.git, sides.base, sides.head)
    if tree is None:
        return None
    git = sides.git.signed(author, Signature(*WEB_FLOW, author.date))
    return objects.write_commit(git, tree, parents, message)


def _picked(git: Git, commit: objects.Commit, tip: str, committer: Signature) -> str | None:
    signed = git.signed(commit.author, committer)
    # merge-tree takes a merge base of its own only from git 2.40 on; a commit that has tip's tree and the
    # picked commit's parent makes that parent the merge base.
    tip_tree = objects.commit(git, tip).tree
    stand_in = objects.write_commit(signed, tip_tree, commit.parents, "")
    tree = merged_tree(git, stand_in, commit.sha)
    if tree is None or tree == tip_tree:
        return None if tree is None else tip
    return objects.write_commit(signed, tree, (tip,), commit.message)

"""What lies between two commits: the commits themselves, the files that differ, and by how much."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from controller.sandbox.git.cli import ZERO, Git

_STATUS = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "C": "copied", "T": "changed"}
_RENAMED_FIELDS = 2
_PUSH_LIMIT = 2048


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that differs; `sha` is its blob (the old one where it is removed), `patch` None for a binary."""

    filename: str
    status: str
    sha: str
    previous_filename: str | None = None
    additions: int = 0
    deletions: int = 0
    patch: str | None = None


def merge_base(git: Git, base: str, head: str) -> str | None:
    """The best common ancestor of two commits, None where they share no history."""
    done = git.run("merge-base", base, head)
    return done.stdout.decode().strip() if done.returncode == 0 else None


def is_ancestor(git: Git, old: str, new: str) -> bool:
    """Whether a commit is part of another's history (or is it)."""
    return git.run("merge-base", "--is-ancestor", old, new).returncode == 0


def between(git: Git, old: str, new: str) -> tuple[str, ...]:
    """The shas of the commits that the new one has and the old one has not, oldest first."""
    return tuple(git.text("rev-list", "--reverse", "--topo-order", f"{old}..{new}").split())


def has_merges(git: Git, old: str, new: str) -> bool:
    """Whether a merge commit is among those that the new one has and the old one has not."""
    return bool(git.text("rev-list", "--merges", "--max-count=1", f"{old}..{new}"))


def history(git: Git, sha: str, path: str | None = None) -> list[str]:
    """The shas of a commit's history, newest first; only those that changed a path, if one is given."""
    return git.text("rev-list", sha, "--", *([path] if path else [])).split()


def pushed(git: Git, before: str, after: str, default: str | None) -> tuple[str, ...]:
    """The shas that a push brought, oldest first, at most 2,048 as in GitHub's push event.

    Args:
        git: The repository.
        before: The ref's old sha, zeros when it is new.
        after: The ref's new sha, zeros when it is gone.
        default: The default branch's sha: what a new branch shares with it is not news.
    """
    if after == ZERO:
        return ()
    known = before if before != ZERO else default
    without = (f"^{known}",) if known and known != after else ()
    if before == ZERO and known == after:
        return ()
    shas = git.text("rev-list", "--topo-order", f"--max-count={_PUSH_LIMIT}", after, *without).split()
    return tuple(reversed(shas))


def numbers(git: Git, old: str, new: str) -> tuple[int, int, int]:
    """How much two commits or trees differ.

    Returns:
        Lines added, lines deleted, files changed.
    """
    stats = _numstat(git.output("diff-tree", "-r", "-M", "-z", "--numstat", old, new))
    return sum(a for a, _ in stats), sum(d for _, d in stats), len(stats)


def files(git: Git, old: str, new: str) -> list[FileChange]:
    """The files that differ between two commits or trees, renames found, as GitHub lists them."""
    raw = git.output("diff-tree", "-r", "-M", "-z", "--raw", "--abbrev=40", old, new).decode(errors="replace")
    stats = _numstat(git.output("diff-tree", "-r", "-M", "-z", "--numstat", old, new))
    patches = _patches(
        git.output("diff-tree", "-r", "-M", "-p", "--full-index", old, new).decode(errors="replace")
    )
    return [
        replace(change, additions=added, deletions=deleted, patch=_patch_of(change, patches))
        for change, (added, deleted) in zip(_raw(raw), stats, strict=True)
    ]


def _patch_of(change: FileChange, patches: Iterator[str | None]) -> str | None:
    # A file that becomes a link, or back, is to git one file that goes and another that comes.
    parts = [next(patches) for _ in range(2 if change.status == "changed" else 1)]
    return "\n".join(part for part in parts if part) or None


def touched(git: Git, shas: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """Which paths commits added, removed and modified (nothing for merges), by sha, as a push event lists them."""
    raw = git.output(
        "diff-tree",
        "--stdin",
        "--root",
        "-r",
        "-z",
        "--no-renames",
        "--name-status",
        data="".join(f"{sha}\n" for sha in shas).encode(),
    )
    lists: dict[str, dict[str, list[str]]] = {}
    paths: dict[str, list[str]] = {}
    tokens = iter(raw.decode(errors="replace").split("\0"))
    for token in tokens:
        if len(token) == len(ZERO):
            paths = lists.setdefault(token, {"added": [], "removed": [], "modified": []})
        elif token:
            paths[{"A": "added", "D": "removed"}.get(token, "modified")].append(next(tokens))
    return lists


def _raw(raw: str) -> Iterable[FileChange]:
    tokens = iter(raw.split("\0"))
    for facts in tokens:
        if not facts:
            continue
        _, _, old_sha, new_sha, letter = facts.split()
        path = next(tokens)
        previous, path = (path, next(tokens)) if letter[0] in "RC" else (None, path)
        yield FileChange(path, _STATUS[letter[0]], old_sha if letter == "D" else new_sha, previous)


def _numstat(raw: bytes) -> list[tuple[int, int]]:
    tokens = iter(raw.decode(errors="replace").split("\0"))
    stats: list[tuple[int, int]] = []
    for token in tokens:
        if not token:
            continue
        added, deleted, path = token.split("\t", 2)
        if not path:
            for _ in range(_RENAMED_FIELDS):
                next(tokens)
        stats.append((0, 0) if added == "-" else (int(added), int(deleted)))
    return stats


def _patches(raw: str) -> Iterator[str | None]:
    # A line of a patch begins with a space, a sign or a backslash, so that this header is never content.
    sections = re.split(r"^diff --git .*\n", raw, flags=re.MULTILINE)[1:]
    found = (re.search(r"^@@ ", section, re.MULTILINE) for section in sections)
    return (s[hunk.start() :].rstrip("\n") if hunk else None for s, hunk in zip(sections, found, strict=True))

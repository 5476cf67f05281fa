"""Git's objects of a bare repository: commits, trees and blobs, read and written."""

import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from controller.sandbox.git.cli import Git, Signature

_FORMAT = "--format=tformat:%H%x00%T%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B"
_FIELDS = 10
_SHA = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit; `parents` are shas."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str

    @property
    def headline(self) -> str:
        """The message's first line."""
        return self.message.split("\n", 1)[0]

    @property
    def rest(self) -> str:
        """The message after its first line."""
        return self.message.partition("\n")[2].strip()


@dataclass(frozen=True, slots=True)
class Entry:
    """A tree's entry; `sha` is None where it is to be removed, `size` in bytes where it was asked for."""

    path: str
    mode: str
    kind: str
    sha: str | None
    size: int | None = None


def is_sha(text: str) -> bool:
    """Whether a text is a full SHA-1."""
    return _SHA.fullmatch(text) is not None


def is_path(text: str) -> bool:
    """Whether a text can be a file's path in a tree."""
    return all(part not in ("", ".", "..") and part.lower() != ".git" for part in text.split("/"))


def resolve(git: Git, name: str, kind: str = "commit") -> str | None:
    """The full sha of the object that a branch, a tag or a sha names; None if there is none of that kind."""
    candidates = (f"refs/heads/{name}", f"refs/tags/{name}", name)
    for candidate in candidates[2:] if is_sha(name) else candidates:
        done = git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{candidate}^{{{kind}}}")
        if done.returncode == 0:
            return done.stdout.decode().strip()
    return None


def commits(git: Git, shas: Iterable[str]) -> list[Commit]:
    """Commits in the order asked for; all of them exist."""
    wanted = list(shas)
    if not wanted:
        return []
    raw = git.output("log", "-z", "--no-walk=unsorted", _FORMAT, "--stdin", data="\n".join(wanted).encode())
    found = {commit.sha: commit for commit in _parsed(raw.decode(errors="replace"))}
    return [found[sha] for sha in wanted]


def commit(git: Git, sha: str) -> Commit:
    """One commit that exists."""
    return commits(git, [sha])[0]


def _parsed(raw: str) -> Iterator[Commit]:
    fields = raw.split("\0")
    for start in range(0, len(fields) - 1, _FIELDS):
        sha, tree, parents, *people, message = fields[start : start + _FIELDS]
        author = Signature(people[0], people[1], int(people[2]))
        committer = Signature(people[3], people[4], int(people[5]))
        yield Commit(sha, tree, tuple(parents.split()), author, committer, message.rstrip("\n"))


def entries(git: Git, tree: str, path: str = "", *, recursive: bool = False) -> list[Entry]:
    """What a tree holds.

    Args:
        git: The repository.
        tree: A tree or a commit.
        path: The entry to look at, without its content; with a `/` at its end, the folder's content.
        recursive: Whether to go into folders; folders themselves are listed too.
    """
    flags = ("-r", "-t") if recursive else ()
    chosen = (path,) if path else ()
    raw = git.output("ls-tree", "-z", "-l", *flags, "--full-tree", tree, "--", *chosen)
    return [_entry(line) for line in raw.decode(errors="replace").split("\0") if line]


def _entry(line: str) -> Entry:
    facts, _, path = line.partition("\t")
    mode, kind, sha, size = facts.split()
    return Entry(path, mode, kind, sha, None if size == "-" else int(size))


def blob(git: Git, sha: str) -> bytes:
    """A blob's bytes."""
    return git.output("cat-file", "blob", sha)


def write_blob(git: Git, data: bytes) -> str:
    """Keep bytes.

    Returns:
        The blob's sha.
    """
    return git.text("hash-object", "-w", "--stdin", data=data)


def write_tree(git: Git, base: str | None, changes: Iterable[Entry]) -> str:
    """Write a tree that differs from another by some entries.

    Args:
        git: The repository.
        base: The tree or commit to begin with, None for an empty one.
        changes: Blobs, links and submodules to set, and paths to remove (sha None).

    Returns:
        The tree's sha.

    Raises:
        GitError: A path that git refuses for a reason beyond `is_path`.
    """
    lines = "".join(f"{'0' if e.sha is None else e.mode} {e.sha or '0' * 40}\t{e.path}\0" for e in changes)
    with tempfile.TemporaryDirectory() as folder:
        indexed = git.using(Path(folder, "index"))
        indexed.output("read-tree", base or "--empty")
        indexed.output("update-index", "-z", "--add", "--replace", "--index-info", data=lines.encode())
        return indexed.text("write-tree")


def write_commit(git: Git, tree: str, parents: Iterable[str], message: str) -> str:
    """Write a commit by the people that `git` is signed with.

    Returns:
        The commit's sha.
    """
    flags = [flag for parent in parents for flag in ("-p", parent)]
    return git.text("commit-tree", tree, *flags, "-F", "-", data=message.encode())

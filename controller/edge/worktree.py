"""A checked-out configuration repository on disk, read as git would have it."""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from controller.core.request import Blob
from controller.edge.git.run import Runner
from controller.errors import GitError

_SECONDS = 30.0
_LINK = "gitdir: "


def read_worktree(root: Path, folder: str, *, hidden: bool = True) -> Mapping[str, Blob]:
    """Every file below `root/folder` by its path from `root`, as the blob it would be committed as.

    Without `hidden`, folders like `.terraform` are left out, and what may be gigabytes of providers is not read.
    """
    top = os.fspath(root / folder)
    found = _files(top, hidden=hidden) if (root / folder).is_dir() else ()
    return {
        f"{folder}/{entry.path[len(top) + 1 :]}": _blob(entry)
        for entry in sorted(found, key=lambda entry: entry.path)
    }


def _files(folder: str, *, hidden: bool) -> Iterator[os.DirEntry[str]]:
    """Files and links, also those that lead to folders: git follows none."""
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            if hidden or not entry.name.startswith("."):
                yield from _files(entry.path, hidden=hidden)
        elif entry.is_symlink() or entry.is_file():
            yield entry


def _blob(entry: os.DirEntry[str]) -> Blob:
    mode = entry.stat(follow_symlinks=False).st_mode
    if stat.S_ISLNK(mode):
        content = os.fsencode(Path(entry.path).readlink())
        return Blob("120000", _sha(content), content)
    with open(entry.path, "rb") as file:  # noqa: PTH123 -- of ten thousand files a Path each takes longer than reading
        content = file.read()
    return Blob("100755" if mode & stat.S_IXUSR else "100644", _sha(content), content)


def _sha(content: bytes) -> str:
    """https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_object_storage."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def resolve_revision(root: Path, revision: str) -> str:
    """The commit that a revision names in the repository at `root`.

    Raises:
        GitError: it names none there, or there is no repository.
    """
    arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    done = Runner(_git_folder(root), _SECONDS).run(*arguments)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise GitError(said or f"`{revision}` names no commit here; it may have to be fetched first")
    return done.stdout.decode().strip()


def _git_folder(root: Path) -> Path:
    """Where HEAD is: in a linked worktree `.git` is a file that says so (https://git-scm.com/docs/gitrepository-layout)."""
    git = root / ".git"
    if git.is_file():
        return root / git.read_text().removeprefix(_LINK).rstrip("\n")
    if not git.is_dir():
        raise GitError(f"{root.absolute()} is not the top folder of a git repository")
    return git.absolute()

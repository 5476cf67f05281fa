"""A checked-out configuration repository on disk, read as git would have it."""

import hashlib
import stat
from collections.abc import Mapping
from pathlib import Path

from controller.core.request import Blob
from controller.edge.git.run import Runner

_SECONDS = 30.0


def read_worktree(root: Path, folder: str) -> Mapping[str, Blob]:
    """Every file below `root/folder` by its path from `root`, as the blob it would be committed as."""
    below = root / folder
    found = (path for path in sorted(below.rglob("*")) if path.is_symlink() or path.is_file())
    return {path.relative_to(root).as_posix(): _blob(path) for path in found}


def _blob(path: Path) -> Blob:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        content = str(path.readlink()).encode()
        return Blob("120000", _sha(content), content)
    content = path.read_bytes()
    return Blob("100755" if mode & stat.S_IXUSR else "100644", _sha(content), content)


def _sha(content: bytes) -> str:
    """https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_object_storage."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def resolve_revision(root: Path, revision: str) -> str:
    """The commit that a revision names in the repository at `root`.

    Raises:
        GitError: it names none there.
    """
    return (
        Runner(root / ".git", _SECONDS)
        .output("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        .decode()
        .strip()
    )

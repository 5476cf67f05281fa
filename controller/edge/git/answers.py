"""Reading what git prints; every format here is one that no file name can be mistaken for."""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from controller.errors import GitError
from controller.ports import Commit

SUBMODULE = "160000"

_SHA = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a tree; a submodule's size is 0."""

    mode: str
    sha: str
    size: int
    path: str


def sha(name: str) -> str:
    """A commit's or tree's full name, known to be one and so no option, range or path.

    Raises:
        GitError: It is something else.
    """
    if not _SHA.fullmatch(name):
        raise GitError(f"{name!r} is not the full name of a commit or tree")
    return name


def fetched(head: Path, branch: str) -> str | None:
    """The commit that `fetch` notes of a branch.

    A line is `name TAB [not-for-merge] TAB branch 'main' of URL`: https://git-scm.com/docs/git-fetch#_description. git also
    takes a tag or branch that is itself called `refs/heads/main` where there is no `main`: that is None.

    Raises:
        GitError: The note has more or less than one line: a git whose worker was killed wrote there too.
    """
    try:
        [note] = lines(head.read_bytes())
        name, _, origin = note.split("\t", 2)
    except (OSError, ValueError) as error:
        raise GitError(f"git fetch: what it noted in FETCH_HEAD is not one branch: {error}") from error
    return sha(name) if origin.startswith(f"branch '{branch}' of ") else None


def lines(output: bytes) -> list[str]:
    """Lines, each ended by a newline."""
    return output.decode(errors="replace").split("\n")[:-1]


def texts(output: bytes) -> list[str]:
    """Texts, each ended by a NUL byte (`-z`); what is no UTF-8 becomes U+FFFD."""
    return [text.decode(errors="replace") for text in output.split(b"\0")[:-1]]


def entries(output: bytes) -> Iterator[Entry]:
    """The entries that `ls-tree -l -z` prints: https://git-scm.com/docs/git-ls-tree#_output_format.

    Raises:
        GitError: An object is missing in the cache.
    """
    for text in texts(output):
        head, _, path = text.partition("\t")
        mode, _, name, size = head.split()
        if mode != SUBMODULE and not size.isdecimal():
            raise GitError(f"git ls-tree: {path!r} is not in the cache")
        yield Entry(mode, name, int(size) if mode != SUBMODULE else 0, path)


def contents(output: bytes, names: Sequence[str]) -> Iterator[bytes]:
    """The contents that `cat-file --batch` prints: https://git-scm.com/docs/git-cat-file#_batch_output.

    Raises:
        GitError: An object is missing in the cache.
    """
    at = 0
    for name in names:
        end = output.find(b"\n", at)
        found, kind, size = (*output[at:end].split(), b"", b"")[:3]
        if found.decode() != name or kind != b"blob":
            raise GitError(f"git cat-file: {name} is not in the cache")
        at = end + 1 + int(size) + 1
        yield output[end + 1 : at - 1]


def commits(output: bytes) -> Iterator[Commit]:
    """The commits that `log --raw -z --format='%H %P'` prints, each followed by its changes.

    A change is `:modes names letter` and then its path: https://git-scm.com/docs/git-diff#_raw_output_format.
    """
    name, parents, paths = "", [""], []
    rest = iter(texts(output))
    for text in rest:
        if text.lstrip("\n").startswith(":"):
            paths.append(next(rest))
            continue
        if name:
            yield Commit(name, tuple(parents), tuple(paths))
        (name, *parents), paths = text.split(), []
    if name:
        yield Commit(name, tuple(parents), tuple(paths))


def unused(path: str, taken: Container[str]) -> str:
    """The path, or with U+FFFD after it where another path became the same in `texts`."""
    while path in taken:
        path += "\N{REPLACEMENT CHARACTER}"
    return path

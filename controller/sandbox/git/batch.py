"""What is asked of git for many things at once: every question alone would cost a process."""

from collections.abc import Iterable, Mapping

from controller.sandbox.git.cli import Git
from controller.sandbox.git.objects import is_sha


def commits_named(git: Git, words: Iterable[str]) -> dict[str, str]:
    """The full shas of commits by the beginnings of shas that name them; what names none, or several, is left out."""
    asked = list(words)
    if not asked:
        return {}
    wish = "".join(f"{word}^{{commit}}\n" for word in asked).encode()
    said = git.text("cat-file", "--batch-check=%(objectname)", data=wish).splitlines()
    # A branch may look like a sha, too.
    found = zip(asked, said, strict=True)
    return {word: sha for word, sha in found if is_sha(sha) and sha.startswith(word)}


def ahead(git: Git, tip: str, heads: Iterable[str]) -> dict[str, int]:
    """How many commits each of some heads has that a tip has not."""
    asked = list(heads)
    said = git.text("rev-list", "--parents", "--stdin", data="\n".join([*asked, f"^{tip}"]).encode())
    parents = {sha: above for sha, *above in map(str.split, said.splitlines())}
    return {head: _reached(parents, head) for head in asked}


def _reached(parents: Mapping[str, list[str]], head: str) -> int:
    seen, waiting = set[str](), [head]
    while waiting:
        sha = waiting.pop()
        if sha in parents and sha not in seen:
            seen.add(sha)
            waiting += parents[sha]
    return len(seen)

"""The one door to git: argv lists on a bare repository, in an environment that the user's own configuration cannot touch."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PROGRAM = shutil.which("git") or "git"
ZERO = "0" * 40
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

_CONFIG = """[core]
\trepositoryformatversion = 0
\tbare = true
\tfsync = none
[gc]
\tauto = 0
[http]
\treceivepack = true
[receive]
\thideRefs = refs/pull
\tautogc = false
\tfsckObjects = true
[uploadpack]
\tallowAnySHA1InWant = true
\tallowFilter = true
"""


class GitError(Exception):
    """A git command that failed; the message holds the command and what git said."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who made a commit and when; `date` is in seconds since 1970."""

    name: str
    email: str
    date: int


@dataclass(frozen=True, slots=True)
class Git:
    """One bare repository.

    Args:
        path: Its folder.
    """

    path: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def create(self, default_branch: str) -> None:
        """Make the repository, empty, with HEAD on a branch that does not exist yet."""
        self.path.mkdir(parents=True)
        self.text("init", "--quiet", "--bare", "--template=", f"--initial-branch={default_branch}")
        (self.path / "config").write_text(_CONFIG)

    def run(self, *arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run a command whose exit code is an answer.

        Args:
            arguments: The command's argv after `git`.
            data: What it reads.
        """
        return subprocess.run(
            (PROGRAM, *arguments), cwd=self.path, env=environment(self.environment), input=data, capture_output=True,
            check=False,
        )  # fmt: skip

    def output(self, *arguments: str, data: bytes = b"") -> bytes:
        """Run a command that has to succeed.

        Raises:
            GitError: It did not.
        """
        done = self.run(*arguments, data=data)
        if done.returncode:
            raise GitError(f"git {' '.join(arguments)}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout

    def text(self, *arguments: str, data: bytes = b"") -> str:
        """Run a command that has to succeed and says one thing.

        Raises:
            GitError: It did not.
        """
        return self.output(*arguments, data=data).decode(errors="replace").strip()

    def signed(self, author: Signature, committer: Signature) -> "Git":
        """The same repository, for commands that write commits."""
        return Git(self.path, {**_identity("AUTHOR", author), **_identity("COMMITTER", committer)})

    def using(self, index: Path) -> "Git":
        """The same repository, for commands that work on an index file."""
        return Git(self.path, {**self.environment, "GIT_INDEX_FILE": str(index)})


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a git process: nothing of the user's configuration reaches it."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_DIR": ".",
        "GIT_LITERAL_PATHSPECS": "1",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        **extra,
    }


def _identity(role: str, signature: Signature) -> dict[str, str]:
    return {
        f"GIT_{role}_NAME": signature.name,
        f"GIT_{role}_EMAIL": signature.email,
        f"GIT_{role}_DATE": f"@{signature.date} +0000",
    }

"""The folder of one run: made for it, seen by nobody else, and gone afterwards, though never with a state in it.

    <data>/workspaces/<run>-<request>-<random>/
        root/           the workspace: Terraform's working directory
        lock            held by the worker, its guard and Terraform, as long as one of them lives
        terraform.rc    Terraform's CLI configuration
        plan.tfplan …   saved plan, and what the steps print
    <data>/states/<request>.tfstate                 the state, for the `local` backend
    <data>/rescued/<request>.<run>.errored.tfstate  a state that Terraform could not write to its backend

Concurrent plans of one request, and a run that is taken over while its former worker's Terraform still saves its state,
need folders of their own: hence the random part.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from controller.edge.terraform.rescued import ERRORED, rescue, waiting
from controller.errors import TerraformFailed
from controller.ports import Job


@dataclass(frozen=True)
class Folder:
    """An open folder; `lock` is a descriptor that says so as long as it is open anywhere."""

    path: Path
    rescued: Path
    request: str
    lock: int

    @property
    def root(self) -> Path:
        """Terraform's working directory."""
        return self.path / "root"

    @property
    def plan(self) -> Path:
        """The saved plan; it holds sensitive values in clear text."""
        return self.path / "plan.tfplan"

    @property
    def config(self) -> Path:
        """Terraform's CLI configuration."""
        return self.path / "terraform.rc"

    def rescue(self) -> Path | None:
        """Bring a state that Terraform could not write to safety, where there is one; where it is now."""
        return _rescue(self.path, self.rescued)

    def waiting(self) -> tuple[Path, ...]:
        """The request's states that no backend has yet, the oldest first; also those whose Terraform ended meanwhile."""
        _sweep(self.path.parent, self.rescued)
        return waiting(self.rescued, self.request)

    def is_left_one(self) -> bool:
        """Whether there is such a state in a folder where somebody still lives."""
        return any(self.path.parent.glob(f"[0-9]*-{self.request}-*/root/{ERRORED}"))


@contextlib.contextmanager
def open_folder(data: Path, job: Job) -> Iterator[Folder]:
    """Make the folder of a job with its files in it, and remove it afterwards.

    Raises:
        TerraformFailed: a file's path leads out of the folder.
    """
    workspaces, rescued = _private(data / "workspaces"), _private(data / "rescued")
    _private(data / "states")
    _sweep(workspaces, rescued)
    with _made(workspaces, f"{job.run}-{job.request.key}") as (path, lock):
        folder = Folder(path, rescued, job.request.key, lock)
        try:
            write_files(folder.root, job.files)
            yield folder
        finally:
            _remove(path, rescued)


def write_files(root: Path, files: Mapping[str, bytes]) -> None:
    """Write a workspace's files (path → content), for the owner's eyes only.

    Raises:
        TerraformFailed: a path leads elsewhere; nothing is written then.
    """
    if astray := [path for path in files if not _is_within(path)]:
        raise TerraformFailed("init", errors=f"These paths lead out of the workspace: {astray}.")
    root.mkdir(mode=0o700)
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(target, content)


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner may read."""
    with open_private(path) as file:
        file.write(content)


def open_private(path: Path) -> IO[bytes]:
    """Open a new file that only its owner may read; the guard looks through what is written to it."""
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "wb")


def _is_within(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and "\0" not in path


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def _made(workspaces: Path, name: str) -> Iterator[tuple[Path, int]]:
    """Make a folder and lock it, before it gets the name under which a sweep would look at it."""
    unnamed = Path(tempfile.mkdtemp(prefix=".", dir=workspaces))
    with contextlib.ExitStack() as opened:
        try:
            lock = os.open(unnamed / "lock", os.O_CREAT | os.O_RDWR, 0o600)
            opened.callback(os.close, lock)
            fcntl.flock(lock, fcntl.LOCK_EX)
            path = unnamed.rename(workspaces / f"{name}-{unnamed.name[1:]}")
        except OSError:
            _unmake(unnamed)
            raise
        yield path, lock


def _unmake(unnamed: Path) -> None:
    """Remove a folder that got no name: no sweep looks at it. It takes no descriptor, of which there may be none left."""
    with contextlib.suppress(OSError):
        (unnamed / "lock").unlink(missing_ok=True)
        unnamed.rmdir()


def _sweep(workspaces: Path, rescued: Path) -> None:
    """Remove what killed workers left behind, once their Terraform has ended too."""
    for path in workspaces.glob("[0-9]*-*/"):
        with contextlib.suppress(FileNotFoundError), _lock_of_the_dead(path) as lock:  # it may go as we look
            if lock is not None:
                _remove(path, rescued)


@contextlib.contextmanager
def _lock_of_the_dead(path: Path) -> Iterator[int | None]:
    """The lock of a folder where nobody lives any more, else None; nobody moves in, every session has its own."""
    lock = os.open(path / "lock", os.O_RDWR)
    try:
        yield lock if _is_taken(lock) else None
    finally:
        os.close(lock)


def _is_taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove(path: Path, rescued: Path) -> None:
    """Remove a folder, unless its state cannot be saved; what cannot be removed is left to the next sweep.

    No error of this may hide how a step ended.
    """
    with contextlib.suppress(OSError):
        _rescue(path, rescued)
        shutil.rmtree(path, ignore_errors=True)


def _rescue(path: Path, rescued: Path) -> Path | None:
    """Keep a folder's state under the request's name: the folder's own is its run, its request and something random."""
    run, _, rest = path.name.partition("-")
    return rescue(path / "root", rescued, f"{rest.rpartition('-')[0]}.{run}")

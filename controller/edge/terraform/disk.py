"""A full disk: told by its name, an error of a step's; and no file that lives on is left half-written by it."""

import contextlib
import errno
import os
import shutil
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

from controller.errors import TerraformFailed

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
ROOM = 2**20


@contextlib.contextmanager
def disk_of(data: Path, step: str) -> Iterator[None]:
    """Call a full disk one.

    Args:
        data: the data directory.
        step: what cannot be done.

    Raises:
        TerraformFailed: the disk is full; it says which, and where.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise TerraformFailed(step, errors=full(data, error.strerror or "")) from error


def full(folder: Path, said: str = "No space left on device") -> str:
    """What a person is told: in the system's words, so that it is classed like Terraform's own error of it."""
    return f"Error: {said}: the disk of `{folder}` on {socket.gethostname()} is full.\n"


def said_if_full(folder: Path) -> str:
    """What a person is told where nothing that matters can be written any more; empty where there is room."""
    return full(folder) if shutil.disk_usage(folder).free < ROOM else ""


def replace_file(path: Path, text: str) -> None:
    """Write a file anew: whole, on the disk, and for its owner's eyes only, or not at all."""
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with os.fdopen(
            os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)

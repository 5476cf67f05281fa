"""The spool: what came of runs while the ledger was away, on this machine's disk; whole files, or none."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

import structlog
from pydantic import TypeAdapter, ValidationError

from controller.errors import SpoolError
from controller.ports import Kept, Lease

log = structlog.get_logger(__name__)

_KEPT = TypeAdapter(Kept)


class FileSpool:
    """The `Spool` port in a folder; whoever works there with the same data directory shares it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, kept: Kept) -> None:
        """See `ports.Spool`; it is on the disk, and not on its way there, once this returns."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(self._path(kept.lease), _KEPT.dump_json(kept, by_alias=True))
        except OSError as error:
            raise SpoolError(
                f"what came of run {kept.lease.run} cannot be kept in {self._folder}: {error.strerror}"
            ) from error

    @contextmanager
    def kept(self) -> Iterator[tuple[Kept, ...]]:
        """See `ports.Spool`."""
        with ExitStack() as stack:
            found: tuple[Kept, ...] = ()
            with suppress(
                OSError
            ):  # nothing was ever kept, or the disk is away: nothing can be told of it now
                lock = stack.enter_context((self._folder / ".lock").open("ab"))
                found = self._read() if _is_taken(lock.fileno()) else ()
            yield found

    def drop(self, lease: Lease) -> None:
        """See `ports.Spool`."""
        self._path(lease).unlink(missing_ok=True)

    def _path(self, lease: Lease) -> Path:
        return self._folder / f"{lease.run}-{lease.fence}.json"

    def _read(self) -> tuple[Kept, ...]:
        found = (_read(path) for path in sorted(self._folder.glob("*.json")))
        return tuple(kept for kept in found if kept is not None)


def _write(path: Path, content: bytes) -> None:
    """Write a file that has its name only once all of it is on the disk (`NamedTemporaryFile` makes it 0600)."""
    with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as draft:
        try:
            draft.write(content)
            draft.flush()
            os.fsync(draft.fileno())
            Path(draft.name).replace(path)
        except OSError:
            Path(draft.name).unlink(missing_ok=True)
            raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path) -> Kept | None:
    """What a file has; one that says nothing to us, of another version perhaps, is laid aside for a person."""
    with suppress(FileNotFoundError):
        try:
            return _KEPT.validate_json(path.read_bytes())
        except ValidationError:
            aside = path.replace(path.with_suffix(".unreadable"))
            log.warning("what was kept of a run cannot be read, and is laid aside", file=str(aside))
    return None


def _is_taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

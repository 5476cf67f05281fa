"""Products on special ground: on a disk that is soon full, and with a clock that can be set."""

import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.fleet import Fleet, running_fleet

ROOM = "320m"
"""More than the least with which a worker takes runs."""


class OnSmallDisk(Fleet):
    @contextmanager
    def full_disk(self):
        """Not a byte more can be written beside the ledger; the block runs meanwhile."""
        filler = self.home / "filler"
        try:
            with filler.open("wb", buffering=0) as out:
                _fill(out)
            yield
        finally:
            filler.unlink()


class WithClock(Fleet):
    clock: Path

    def jump(self, seconds):
        self.clock.write_text(str(seconds))


def _fill(out):
    for size in (1_000_000, 1_000, 1):
        try:
            while True:
                out.write(b"." * size)
        except OSError:
            continue


@contextmanager
def on_small_disk(folder):
    disk = folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM},mode=700", "none", disk],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip(f"a small disk needs the right to mount one: {mounted.stderr.strip()}")
    try:
        with running_fleet(folder, {"INFRAUTOMATER_DATA": str(disk)}, OnSmallDisk) as fleet:
            yield fleet
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


@contextmanager
def with_clock(folder):
    """The box goes with the clock too, as all of a machine does that slept for an hour."""
    clock, path = folder / "clock", str(Path(__file__).with_name("clock"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FAULTS_CLOCK", str(clock))
        patch.setenv("PYTHONPATH", path, prepend=":")
        with running_fleet(folder, of=WithClock) as fleet:
            fleet.clock = clock
            yield fleet

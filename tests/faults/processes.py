"""Processes as the kernel knows them."""

import os
from contextlib import suppress
from pathlib import Path

from tests.e2e.conftest import eventually


def pid_of(child):
    """A guarded program's pid, which its guard tells to whoever listens."""
    assert eventually(lambda: child.wait(0) is None and child.pid, 10)
    return child.pid


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def processes_in(folder):
    """Living processes whose working directory is in a folder, each with its command line."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink().is_relative_to(folder) and is_alive(int(process.name)):
                yield int(process.name), (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()


def memory(pid):
    """A process' resident memory in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

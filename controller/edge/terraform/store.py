"""Provider packages that were fetched here: once per version, unpacked, and linked into workspaces.

    <data>/providers/<host>/<namespace>/<type>/<version>/<platform>/       a mirror of our own
    <data>/providers/.turn                                                 who fetches now

Terraform's own plugin cache is not safe for two inits at once
(https://developer.hashicorp.com/terraform/cli/config/config-file#provider-plugin-cache): it unpacks into the place that
others run from. So each init fetches into its own workspace, where Terraform verifies the package, and what it fetched
is moved here whole. Two of the same lose nothing by it; the turn only spares the second one the download.
"""

import contextlib
import fcntl
import filecmp
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from controller.ports import Pulse

PATIENCE = 120.0
"""Seconds to wait for one's turn: a registry that hangs for one run shall not stop those that need nothing of it."""

_LOOK = 0.1
_PACKAGE = "/".join("*" * 5)
"""Host, namespace, type, version, platform."""


def providers_of(root: Path) -> Path:
    """Where Terraform installs a workspace's providers."""
    return root / ".terraform/providers"


def packages(folder: Path) -> tuple[Path, ...]:
    """The packages in a folder of Terraform's layout, links and folders."""
    return tuple(sorted(folder.glob(_PACKAGE)))


def names(folder: Path) -> list[str]:
    """What is in a folder, in order."""
    return sorted(path.name for path in folder.iterdir())


def adopt(root: Path, store: Path) -> None:
    """Move the packages that an init fetched into a workspace to the store, and link them; links are left alone."""
    providers = providers_of(root)
    for package in packages(providers):
        if not package.is_symlink():
            _adopt(package, store / package.relative_to(providers))


def _adopt(package: Path, kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        package.rename(kept)
    except OSError:  # somebody else brought it at the same time, or the store is on another disk
        if not kept.is_dir() or not _are_same(package, kept):
            return  # a workspace keeps what was verified for it
        shutil.rmtree(package)
    package.symlink_to(kept, target_is_directory=True)


def _are_same(one: Path, other: Path) -> bool:
    _, mismatch, errors = filecmp.cmpfiles(one, other, names(one), shallow=False)
    return names(one) == names(other) and not mismatch and not errors


@contextlib.contextmanager
def turn(store: Path, pulse: Pulse, patience: float = PATIENCE) -> Iterator[None]:
    """Wait for one's turn to fetch, over all processes of this machine; after `patience` seconds go without."""
    store.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(store / ".turn", os.O_CREAT | os.O_RDWR, 0o600)
    until = time.monotonic() + patience
    try:
        while not _take(lock) and time.monotonic() < until and not pulse.is_lost():
            time.sleep(_LOOK)
        yield
    finally:
        os.close(lock)


def _take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

"""Where providers come from: a mirror that is named, one that is found, or the registries.

A mirror is a folder of packages, unpacked or as zip files, in Terraform's own layout
(https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror).
"""

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

REGISTRIES = ("registry.terraform.io", "registry.opentofu.org")
"""A mirror has a folder for each registry; one with neither of these is none for us."""

ROOTS = (Path("/opt"), Path("/srv"), Path("/usr/local"), Path("/usr/share"), Path("/var/lib"))
"""Where the machine itself is searched, and nowhere else."""

DEPTH = 3
"""How far below a root a mirror may lie."""

FOLDERS = 2000
"""How many folders the machine's search looks into at most: some ten milliseconds."""


@dataclass(frozen=True)
class Origin:
    """Where providers are taken from on this machine.

    Attributes:
        mirrors: folders, the first that holds a package wins.
        direct: whether registries are asked for what is in no mirror.
        looked: what was looked for, where, and what came of it; for the error when a provider cannot be had.
    """

    mirrors: tuple[Path, ...]
    direct: bool
    looked: str

    @cached_property
    def fetches(self) -> bool:
        """Whether an init may bring packages along, from a registry or out of a zip file, instead of linking them."""
        return self.direct or any(_packed(mirror) for mirror in self.mirrors)

    def held(self) -> tuple[str, ...]:
        """The providers in the mirrors, as `host/namespace/type`."""
        folders = (path for mirror in self.mirrors for path in mirror.glob("*/*/*/"))
        return tuple(sorted({"/".join(path.parts[-3:]) for path in folders}))


def find_origin(configured: Path | None, worker: Mapping[str, str], roots: Sequence[Path] = ROOTS) -> Origin:
    """Find where providers come from: the setting, Terraform's own places, the machine, the registries.

    What is named is all there is, and so a list of the allowed. What was merely found must not bar the rest: registries
    are asked for providers that it does not hold, as Terraform does with its implied mirrors.

    Args:
        configured: a mirror, or a folder with mirrors up to two levels below.
        worker: the worker's environment, for its home folder.
        roots: where to search the machine.
    """
    if configured is not None:
        named = configured.absolute()
        mirrors = tuple(_below([named], 2, FOLDERS))
        looked = f"INFRAUTOMATER_PROVIDER_MIRROR is {named} ({_count(mirrors)} there)"
        return Origin(mirrors or (named,), direct=False, looked=looked)
    implied = tuple(_implied(worker))
    own = tuple(path for path in implied if _is_mirror(path))
    found = own or tuple(path for path in _below(roots, DEPTH, FOLDERS) if _is_trusted(path))[:1]
    looked = (
        f"INFRAUTOMATER_PROVIDER_MIRROR is not set; Terraform's own places are {_listed(implied)} "
        f"({_count(own)} there); "
    ) + ("" if own else f"searched {_listed(roots)} ({_listed(found) or 'no mirror'})")
    return Origin(found, direct=True, looked=looked.rstrip("; "))


def _implied(worker: Mapping[str, str]) -> Iterator[Path]:
    """https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories."""
    if home := worker.get("HOME"):
        yield Path(home, ".terraform.d/plugins")
        yield Path(worker.get("XDG_DATA_HOME") or f"{home}/.local/share", "terraform/plugins")
    for folder in (worker.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":"):
        yield Path(folder, "terraform/plugins")


def _below(roots: Sequence[Path], depth: int, budget: int) -> Iterator[Path]:
    """Mirrors at and below some folders, the nearest first; links are not followed, nor is a mirror looked into."""
    level = list(roots)
    for _ in range(depth + 1):
        looked, budget = level[:budget], max(0, budget - len(level))
        yield from (folder for folder in looked if _is_mirror(folder))
        level = [inner for folder in looked if not _is_mirror(folder) for inner in _folders(folder)]


def _folders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return sorted(Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:  # not there, or not ours to read
        return []


def _is_mirror(folder: Path) -> bool:
    return any((folder / registry).is_dir() for registry in REGISTRIES)


def _is_trusted(mirror: Path) -> bool:
    """Whether nobody but root and we could have filled a folder that nobody named: what it holds is going to be run."""
    registries = [mirror / registry for registry in REGISTRIES if (mirror / registry).is_dir()]
    below = [folder for registry in registries for depth in ("*", "*/*") for folder in registry.glob(depth)]
    return all(map(_is_ours_alone, (mirror, *registries, *below)))


def _is_ours_alone(folder: Path) -> bool:
    status = folder.stat()
    by_others = status.st_mode & stat.S_IWOTH or (status.st_mode & stat.S_IWGRP and status.st_gid != 0)
    return status.st_uid in {0, os.getuid()} and not by_others


def _packed(mirror: Path) -> bool:
    return next(mirror.glob("*/*/*/*.zip"), None) is not None


def _count(mirrors: Sequence[Path]) -> str:
    return f"{len(mirrors)} mirror{'s' if len(mirrors) != 1 else ''}" if mirrors else "no mirror"


def _listed(paths: Sequence[Path]) -> str:
    return ", ".join(map(str, paths))

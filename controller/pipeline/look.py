"""Looking at the configuration repository: a tree's catalogue, and what it wants."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from controller.core import catalogue as catalogues
from controller.core import requests
from controller.core.catalogue import Catalogue, read_catalogue
from controller.core.rejection import Rejection
from controller.core.request import BLOB_MODE, Blob
from controller.core.wanted import Wanted, read_wanted
from controller.errors import GitError
from controller.ports import Ports

KEPT = 4
"""So many trees are remembered: a tip and what pulls would make of it share all but the files that differ."""


@dataclass(frozen=True)
class _Seen:
    """A tree as it was read; its name tells all that is in it (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects)."""

    tree: str
    skeletons: Mapping[str, str]
    wanted: Wanted


_seen: deque[_Seen] = deque(maxlen=KEPT)


def look(ports: Ports, tree: str, catalogue: Catalogue) -> Wanted:
    """What a tree asks for, read with somebody's catalogue.

    What was read once is not read again in this process, neither a tree nor a file: ten thousand requests take seconds to
    render, and mostly one of them differs.
    """
    skeletons = ports.templates["workspace"]
    alike = [
        seen for seen in tuple(_seen) if seen.wanted.catalogue is catalogue and seen.skeletons == skeletons
    ]
    for seen in alike:
        if seen.tree == tree:
            return seen.wanted
    known = alike[-1].wanted if alike else None
    wanted = read_wanted(ports.git.blobs(tree, requests.FOLDER), catalogue, skeletons, known)
    _seen.append(_Seen(tree, skeletons, wanted))
    return wanted


def catalogue_of(blobs: Mapping[str, Blob]) -> Catalogue:
    """The catalogue in the blobs under `terraform/`; links and submodules are no part of it."""
    return _catalogue(tuple(sorted(files_of(blobs).items())))


def mistakes_of(ports: Ports, blobs: Mapping[str, Blob]) -> tuple[Rejection, ...]:
    """Everything that is wrong in the catalogue in these blobs, with all of its modules read."""
    return ports.inspect(files_of(blobs))


def files_of(blobs: Mapping[str, Blob]) -> Mapping[str, bytes]:
    """The plain files, with their contents."""
    return {path: blob.content for path, blob in blobs.items() if blob.mode == BLOB_MODE}


@lru_cache(maxsize=8)
def _catalogue(files: tuple[tuple[str, bytes], ...]) -> Catalogue:
    """Read once: a catalogue changes seldom, and every look and report needs it."""
    return read_catalogue(dict(files))


def catalogue_blobs(ports: Ports, tree: str) -> Mapping[str, Blob]:
    """The blobs under `terraform/`."""
    return ports.git.blobs(tree, catalogues.FOLDER)


def trusted_catalogue(ports: Ports, tip: str | None) -> Catalogue:
    """The catalogue of a tip that another machine may have looked at: then it is still to be fetched here."""
    return catalogue_of(trusted_blobs(ports, tip) if tip else {})


def trusted_blobs(ports: Ports, tip: str) -> Mapping[str, Blob]:
    """The blobs under `terraform/` of such a tip.

    Raises:
        GitError: it cannot be fetched.
    """
    try:
        return catalogue_blobs(ports, tip)
    except GitError:
        ports.git.fetch(tip)
        return catalogue_blobs(ports, tip)

"""Looking at the configuration repository: a tree's catalogue, and what it wants."""

from collections.abc import Mapping
from functools import lru_cache

from controller.core import catalogue as catalogues
from controller.core import requests
from controller.core.catalogue import Catalogue, read_catalogue
from controller.core.inspection import inspect
from controller.core.rejection import Rejection
from controller.core.request import BLOB_MODE, Blob
from controller.core.wanted import Wanted, read_wanted
from controller.ports import Ports


def look(ports: Ports, tree: str, catalogue: Catalogue) -> Wanted:
    """What a tree asks for, read with somebody's catalogue."""
    return read_wanted(ports.git.blobs(tree, requests.FOLDER), catalogue, ports.templates["workspace"])


def catalogue_of(blobs: Mapping[str, Blob]) -> Catalogue:
    """The catalogue in the blobs under `terraform/`; links and submodules are no part of it."""
    return _catalogue(_files(blobs))


def mistakes_of(blobs: Mapping[str, Blob]) -> tuple[Rejection, ...]:
    """Everything that is wrong in the catalogue in these blobs, with all of its modules read."""
    return _mistakes(_files(blobs))


def _files(blobs: Mapping[str, Blob]) -> tuple[tuple[str, Blob], ...]:
    return tuple(sorted((path, blob) for path, blob in blobs.items() if blob.mode == BLOB_MODE))


@lru_cache(maxsize=8)
def _mistakes(files: tuple[tuple[str, Blob], ...]) -> tuple[Rejection, ...]:
    return inspect({path: blob.content for path, blob in files})


@lru_cache(maxsize=8)
def _catalogue(files: tuple[tuple[str, Blob], ...]) -> Catalogue:
    """Read once: a catalogue changes seldom, and every look and report needs it."""
    return read_catalogue({path: blob.content for path, blob in files})


def catalogue_blobs(ports: Ports, tree: str) -> Mapping[str, Blob]:
    """The blobs under `terraform/`."""
    return ports.git.blobs(tree, catalogues.FOLDER)

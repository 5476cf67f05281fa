"""Catalogue: every kind and environment that the platform team offers, as one tree of files has them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from controller.core.environment import Environment, read_environment
from controller.core.identity import RequestId
from controller.core.kind import Kind, read_kind
from controller.core.rejection import Rejection

FOLDER = "terraform"
MODULES = "terraform/modules"
ENVIRONMENTS = "terraform/environments"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,30}")


@dataclass(frozen=True)
class Catalogue:
    """Kinds and environments by name, and what could not be read of them."""

    kinds: Mapping[str, Kind] = field(default_factory=dict)
    environments: Mapping[str, Environment] = field(default_factory=dict)
    rejections: tuple[Rejection, ...] = ()


def is_made_from(request: RequestId, path: str) -> bool:
    """Whether a file of the tree belongs to a request's kind or environment."""
    if path.startswith(f"{MODULES}/{request.kind}/"):
        return not path.endswith(".md")
    return path == environment_path(request.environment)


def environment_path(name: str) -> str:
    """Where an environment is described."""
    return f"{ENVIRONMENTS}/{name}.yaml"


def read_catalogue(files: Mapping[str, bytes]) -> Catalogue:
    """Read the files under `terraform/` (path from the top → content); one bad file spoils no other.

    It is read at each look, and says what keeps a kind or an environment from being offered at all; `inspect` says the rest.
    """
    kinds: dict[str, Kind] = {}
    environments: dict[str, Environment] = {}
    rejections = [*_odd_files(files)]
    for name, module in sorted(modules(files).items()):
        folder = f"{MODULES}/{name}"
        kind = _misnamed(f"{folder}/kind.yaml", name) or read_kind(name, folder, module)
        if isinstance(kind, Kind):
            kinds[name] = kind
        else:
            rejections.extend(kind)
    for path, blob in sorted(_environment_files(files).items()):
        name = path.rsplit("/", 1)[1].removesuffix(".yaml")
        environment = _misnamed(path, name) or read_environment(name, path, blob)
        if isinstance(environment, Environment):
            environments[name] = environment
        else:
            rejections.extend(environment)
    return Catalogue(kinds, environments, tuple(rejections))


def _misnamed(path: str, name: str) -> tuple[Rejection, ...]:
    if _NAME.fullmatch(name):
        return ()
    way_out = "Use a-z, 0-9, `_` and `-`; begin with a letter, 31 characters at most."
    return (Rejection(path, 1, 1, "", f"`{name}` cannot be the name of a kind or an environment", way_out),)


def _odd_files(files: Mapping[str, bytes]) -> Iterator[Rejection]:
    for path in sorted(files):
        if path.startswith(f"{ENVIRONMENTS}/") and path.endswith(".yml"):
            way_out = f"Rename it to `{path.removesuffix('.yml')}.yaml`."
            yield Rejection(path, 1, 1, "", "an environment's file ends in `.yaml`", way_out)


def modules(files: Mapping[str, bytes]) -> Mapping[str, Mapping[str, bytes]]:
    """The folders under `terraform/modules/` that hold a kind.yaml."""
    found: dict[str, dict[str, bytes]] = {}
    for path, blob in files.items():
        if path.startswith(f"{MODULES}/") and path.count("/") >= 3:
            name, inner = path.removeprefix(f"{MODULES}/").split("/", 1)
            found.setdefault(name, {})[inner] = blob
    return {name: module for name, module in found.items() if "kind.yaml" in module}


def _environment_files(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    return {
        path: blob
        for path, blob in files.items()
        if path.startswith(f"{ENVIRONMENTS}/") and path.endswith(".yaml") and path.count("/") == 2
    }

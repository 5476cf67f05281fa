"""Catalogue: every kind and environment that the platform team offers, as one tree of files has them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.core.environment import Environment, read_environment
from controller.core.kind import Kind, read_kind
from controller.core.rejection import Rejection

FOLDER = "terraform"
_MODULES = "terraform/modules"
_ENVIRONMENTS = "terraform/environments"


@dataclass(frozen=True)
class Catalogue:
    """Kinds and environments by name, and what could not be read of them."""

    kinds: Mapping[str, Kind] = field(default_factory=dict)
    environments: Mapping[str, Environment] = field(default_factory=dict)
    rejections: tuple[Rejection, ...] = ()


def read_catalogue(files: Mapping[str, bytes]) -> Catalogue:
    """Read the files under `terraform/` (path from the top → content)."""
    kinds: dict[str, Kind] = {}
    environments: dict[str, Environment] = {}
    rejections: list[Rejection] = []
    for name, module in sorted(_modules(files).items()):
        kind = read_kind(name, f"{_MODULES}/{name}", module)
        if isinstance(kind, Kind):
            kinds[name] = kind
        else:
            rejections.extend(kind)
    for path, blob in sorted(_environment_files(files).items()):
        name = path.rsplit("/", 1)[1].removesuffix(".yaml")
        environment = read_environment(name, path, blob)
        if isinstance(environment, Environment):
            environments[name] = environment
        else:
            rejections.extend(environment)
    return Catalogue(kinds, environments, tuple(rejections))


def _modules(files: Mapping[str, bytes]) -> Mapping[str, Mapping[str, bytes]]:
    """The folders under `terraform/modules/` that hold a kind.yaml."""
    modules: dict[str, dict[str, bytes]] = {}
    for path, blob in files.items():
        if path.startswith(f"{_MODULES}/") and path.count("/") >= 3:
            name, inner = path.removeprefix(f"{_MODULES}/").split("/", 1)
            modules.setdefault(name, {})[inner] = blob
    return {name: module for name, module in modules.items() if "kind.yaml" in module}


def _environment_files(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    return {
        path: blob
        for path, blob in files.items()
        if path.startswith(f"{_ENVIRONMENTS}/") and path.endswith(".yaml") and path.count("/") == 2
    }

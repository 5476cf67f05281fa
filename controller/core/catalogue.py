"""Catalogue: every kind and environment that the platform team offers, as one tree of files has them."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from controller.core.document import Document, read_document
from controller.core.environment import Environment, read_environment
from controller.core.identity import RequestId
from controller.core.kind import Kind, Limits, read_kind
from controller.core.rejection import Rejection, nearest

FOLDER = "terraform"
_MODULES = "terraform/modules"
_ENVIRONMENTS = "terraform/environments"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,30}")


@dataclass(frozen=True)
class Catalogue:
    """Kinds and environments by name, and what could not be read of them."""

    kinds: Mapping[str, Kind] = field(default_factory=dict)
    environments: Mapping[str, Environment] = field(default_factory=dict)
    rejections: tuple[Rejection, ...] = ()


def is_made_from(request: RequestId, path: str) -> bool:
    """Whether a file of the tree belongs to a request's kind or environment."""
    if path.startswith(f"{_MODULES}/{request.kind}/"):
        return not path.endswith(".md")
    return path == f"{_ENVIRONMENTS}/{request.environment}.yaml"


def read_catalogue(files: Mapping[str, bytes]) -> Catalogue:
    """Read the files under `terraform/` (path from the top → content); one bad file spoils no other."""
    kinds: dict[str, Kind] = {}
    environments: dict[str, Environment] = {}
    rejections = [*_odd_files(files)]
    modules = _modules(files)
    for name, module in sorted(modules.items()):
        folder = f"{_MODULES}/{name}"
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
            rejections.extend(_not_there(path, blob, environment, kinds, modules.keys()))
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
        if path.startswith(f"{_ENVIRONMENTS}/") and path.endswith(".yml"):
            way_out = f"Rename it to `{path.removesuffix('.yml')}.yaml`."
            yield Rejection(path, 1, 1, "", "an environment's file ends in `.yaml`", way_out)


def _not_there(
    path: str, blob: bytes, environment: Environment, kinds: Mapping[str, Kind], folders: Collection[str]
) -> Iterator[Rejection]:
    """Where an environment names a kind, a parameter or a value that is not offered; it is offered all the same."""
    document = read_document(path, blob)
    if isinstance(document, Rejection):
        return
    named = environment.format
    for index, name in enumerate(named.kinds):
        if name not in folders:
            yield document.reject(("kinds", index), f"there is no kind `{name}`", nearest(name, kinds))
    for name, limits in named.limits.items():
        if name not in folders:
            yield document.reject(("limits", name), f"there is no kind `{name}`", nearest(name, kinds))
        elif name in kinds:
            yield from _unlimited(document, kinds[name], limits)


def _unlimited(document: Document, kind: Kind, limits: Limits) -> Iterator[Rejection]:
    parameters = kind.format.parameters
    for name, values in limits.items():
        loc = ("limits", kind.name, name)
        if name not in parameters:
            problem = f"`{kind.name}` has no parameter `{name}`"
            yield document.reject(loc, problem, nearest(name, parameters))
            continue
        for index, value in enumerate(values):
            if not parameters[name].takes(value):
                problem = f"`{name}` of `{kind.name}` cannot be `{value}` anyway"
                yield document.reject((*loc, index), problem, "Limits narrow what a kind offers: delete it.")


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

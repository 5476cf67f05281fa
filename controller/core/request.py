"""Request: what a team asks for, in one YAML file."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict

from controller.core.catalogue import Catalogue, environment_path
from controller.core.document import Document, Loc, Place, read_document
from controller.core.environment import Environment
from controller.core.identity import RequestId
from controller.core.kind import Kind, Limits
from controller.core.naming import resource_name
from controller.core.pattern import matches
from controller.core.rejection import Rejection, nearest

MAX_KEY = 63
BLOB_MODE = "100644"

TEAM = re.compile(r"[a-z][a-z0-9_-]{0,30}")
NAME = re.compile(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Blob:
    """A file as git has it: its mode (six octal digits), its object's name, and its content."""

    mode: str
    sha: str
    content: bytes


@dataclass(frozen=True)
class Request:
    """What a team asks for; `parameters` has the kind's defaults filled in.

    `places` has the line and column of each parameter (those of `parameters` for a default), `named` those of the name.
    """

    id: RequestId
    team: str
    path: str
    parameters: Mapping[str, Any]
    places: Mapping[str, Place] = field(default_factory=dict, compare=False, repr=False)
    named: Place = field(default=(1, 1), compare=False, repr=False)

    def reject(self, parameter: str, problem: str, way_out: str) -> Rejection:
        """A rejection at one of the parameters."""
        line, column = self.places.get(parameter, (1, 1))
        return Rejection(self.path, line, column, f"parameters.{parameter}", problem, way_out)


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    kind: str
    name: str
    environment: str
    parameters: dict[str, Any] = {}


def read_request(path: str, blob: Blob, catalogue: Catalogue) -> Request | tuple[Rejection, ...]:
    """Read one request file against the catalogue, or say all that is wrong with it."""
    misplaced = _misplaced(path, blob)
    if misplaced:
        return (misplaced,)
    document = read_document(path, blob.content)
    if isinstance(document, Rejection):
        return (document,)
    shape = document.into(_Shape)
    if isinstance(shape, tuple):
        return shape
    return _check(document, shape, catalogue)


def parameters_model(kind: Kind, limits: Limits) -> type[BaseModel]:
    """The pydantic model of a kind's parameters, as one environment's `limits` narrow them."""
    return kind.model(limits)


def _check(document: Document, shape: _Shape, catalogue: Catalogue) -> Request | tuple[Rejection, ...]:
    kind = catalogue.kinds.get(shape.kind)
    environment = catalogue.environments.get(shape.environment)
    rejections = [*_bad_name(document, shape, kind)]
    if environment is None:
        words = _absent("environment", shape.environment, catalogue.environments, catalogue)
        rejections.append(document.reject(("environment",), *words))
    if kind is None:
        words = _absent("kind", shape.kind, catalogue.kinds, catalogue)
        rejections.append(document.reject(("kind",), *words))
    if kind is None or environment is None:
        return tuple(rejections)
    if kind.name not in environment.format.kinds:
        problem = f"`{environment.name}` does not offer `{kind.name}`"
        rejections.append(
            document.reject(
                ("kind",),
                problem,
                nearest(kind.name, [one for one in environment.format.kinds if one in catalogue.kinds]),
            )
        )
    parameters = _parameters(document, kind, environment.format.limits.get(kind.name, {}))
    if isinstance(parameters, tuple):
        return (*rejections, *parameters)
    identity = RequestId(environment.name, kind.name, shape.name)
    rejections += [
        *_bad_resource_name(document, identity, kind),
        *_not_allowed(document, parameters, kind, environment),
    ]
    if rejections:
        return tuple(rejections)
    places = {name: document.place(("parameters", name)) for name in parameters}
    team = document.path.split("/")[1]
    return Request(identity, team, document.path, parameters, places, document.place(("name",)))


def _absent(what: str, name: str, known: Collection[str], catalogue: Catalogue) -> tuple[str, str]:
    """What is said of a kind or an environment that is not offered: it may be there, and broken."""
    path = f"terraform/modules/{name}/kind.yaml" if what == "kind" else environment_path(name)
    broken = next((each for each in catalogue.rejections if each.path == path), None)
    if broken is None:
        return f"there is no {what} `{name}`", nearest(name, known)
    problem = f"the {what} `{name}` cannot be read ({broken.path}:{broken.line})"
    return problem, "The platform team has to mend that file first."


def _parameters(document: Document, kind: Kind, limits: Limits) -> Mapping[str, Any] | tuple[Rejection, ...]:
    inner = Document(document.path, document.value.get("parameters", {}), _below(document, "parameters"))
    read = inner.into(parameters_model(kind, limits))
    if isinstance(read, tuple):
        return tuple(_under("parameters", rejection) for rejection in read)
    return read.model_dump(mode="json", by_alias=True)


def _below(document: Document, name: str) -> Mapping[Loc, Place]:
    inner = {loc[1:]: place for loc, place in document.places.items() if loc[:1] == (name,)}
    return inner or {(): document.place(())}


def _under(name: str, inner: Rejection) -> Rejection:
    dotted = f"{name}.{inner.field}" if inner.field else name
    return Rejection(inner.path, inner.line, inner.column, dotted, inner.problem, inner.way_out)


def _bad_name(document: Document, shape: _Shape, kind: Kind | None) -> tuple[Rejection, ...]:
    key = RequestId(shape.environment, shape.kind, shape.name).key
    if not NAME.fullmatch(shape.name):
        way_out = (
            "Use a-z, 0-9 and `-`; begin with a letter, end with a letter or digit, 40 characters at most."
        )
        return (document.reject(("name",), f"`{shape.name}` cannot be a name", way_out),)
    if kind and kind.format.name and not matches(f"^(?:{kind.format.name.pattern})$", shape.name):
        problem = f"a {kind.name} cannot have this name"
        return (document.reject(("name",), problem, f"It must match `{kind.format.name.pattern}`."),)
    if len(key) > MAX_KEY:
        problem = f"`{key}` has {len(key)} characters, {MAX_KEY} are allowed"
        return (document.reject(("name",), problem, "Choose a shorter name."),)
    return ()


def _bad_resource_name(document: Document, identity: RequestId, kind: Kind) -> Iterator[Rejection]:
    """Where the name that would be derived for the cloud is none there."""
    rule, name = kind.format.resource_name, resource_name(identity)
    if rule is None:
        return
    if len(name) > rule.max_length:
        problem = f"it would be called `{name}`, which has {len(name)} characters; {rule.says}"
        yield document.reject(
            ("name",), problem, f"Make it {len(name) - rule.max_length} characters shorter."
        )
    elif not rule.takes(name):
        yield document.reject(("name",), f"it would be called `{name}`; {rule.says}", "Choose another name.")


def _not_allowed(
    document: Document, parameters: Mapping[str, Any], kind: Kind, environment: Environment
) -> Iterator[Rejection]:
    """Values that only some environments take."""
    for name, parameter in kind.format.parameters.items():
        key, value = parameter.allowed_by, parameters[name]
        if key and value != parameter.default and environment.format.values.get(key) is not True:
            problem = f"`{environment.name}` does not allow `{name}: {json.dumps(value, ensure_ascii=False)}`"
            way_out = f"Leave `{name}` out, or ask the platform team for `{key}: true` in the environment's `values`."
            yield document.reject(("parameters", name), problem, way_out)


def _misplaced(path: str, blob: Blob) -> Rejection | None:
    parts = path.split("/")
    if len(parts) != 3:
        return Rejection(path, 1, 1, "", "no request lives here", "Put it at `requests/<team>/<file>.yaml`.")
    if not parts[2].endswith(".yaml"):
        return Rejection(
            path, 1, 1, "", "a request's file ends in `.yaml`", f"Rename it to {_as_yaml(path)}."
        )
    if not TEAM.fullmatch(parts[1]):
        way_out = (
            "Name the folder with a-z, 0-9, `_` and `-`, beginning with a letter, 31 characters at most."
        )
        return Rejection(path, 1, 1, "", f"`{parts[1]}` is not the name of a team", way_out)
    if blob.mode != BLOB_MODE:
        what = {"120000": "a symbolic link", "160000": "a submodule", "100755": "an executable file"}
        return Rejection(
            path, 1, 1, "", f"this is {what.get(blob.mode, 'no plain file')}", "Commit a plain file."
        )
    return None


def _as_yaml(path: str) -> str:
    folder, file = path.rsplit("/", 1)
    return f"`{folder}/{file.rsplit('.', 1)[0]}.yaml`"

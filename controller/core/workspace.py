"""Workspace: the root module rendered for one request.

Skeletons are Jinja2 and get trusted values only; what a requester wrote travels in `terraform.tfvars.json` and nowhere
else, since Terraform evaluates every other place
(https://developer.hashicorp.com/terraform/language/values/variables#variable-definitions-tfvars-files).
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import rfc8785
from jinja2 import DictLoader, StrictUndefined
from jinja2 import Environment as Jinja

from controller.core.environment import STATE_KEYS, Environment
from controller.core.identity import RequestId
from controller.core.kind import Kind
from controller.core.naming import resource_name
from controller.core.request import Request
from controller.core.source import Constant, FromEnvironment, FromParameter, FromRequest, Source

MODULE_FOLDER = "module"
LOCK_FILE = ".terraform.lock.hcl"
TFVARS = "terraform.tfvars.json"

_JSON_ONLY = re.compile(r"\\.")
_JSON_ESCAPES = {r"\b": r"\u0008", r"\f": r"\u000c"}
"""Escapes of JSON that HCL does not know."""


@dataclass(frozen=True)
class Workspace:
    """All files of a root module (path → content), with the kind and environment they were made from.

    The kind and the environment come along so that a destroy needs nothing of the tree.
    """

    request: Request
    kind: Kind
    environment: Environment
    files: Mapping[str, bytes]

    @property
    def id(self) -> RequestId:
        return self.request.id

    @cached_property
    def digest(self) -> str:
        """SHA-256 over every file's path and content, in hexadecimal."""
        content = {path: hashlib.sha256(blob).hexdigest() for path, blob in self.files.items()}
        return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def render(request: Request, kind: Kind, environment: Environment, skeletons: Mapping[str, str]) -> Workspace:
    """Render the workspace of an accepted request.

    Args:
        request: what is asked for.
        kind: its kind, with the module's files.
        environment: where it lives.
        skeletons: the Jinja2 sources of the root module's files by name (`main.tf.j2` → text).
    """
    jinja = _jinja(tuple(sorted(skeletons.items())))
    trusted = _trusted(request.id, kind, environment)
    files = {
        name.removesuffix(".j2"): jinja.get_template(name).render(trusted).encode() for name in skeletons
    }
    files |= {f"{MODULE_FOLDER}/{path}": blob for path, blob in kind.module.items() if path != LOCK_FILE}
    if LOCK_FILE in kind.module:
        files[LOCK_FILE] = kind.module[LOCK_FILE]
    files[TFVARS] = canonical(variables(request, kind, environment))
    return Workspace(request, kind, environment, files)


@lru_cache(maxsize=8)
def _jinja(skeletons: tuple[tuple[str, str], ...]) -> Jinja:
    """Skeletons, compiled once for all requests."""
    jinja = Jinja(  # noqa: S701 -- this is HCL, not HTML; every value goes through `hcl`
        loader=DictLoader(dict(skeletons)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    jinja.filters |= {"hcl": hcl, "literal_json": lambda value: canonical(literal(value)).decode().rstrip()}
    return jinja


def variables(request: Request, kind: Kind, environment: Environment) -> Mapping[str, Any]:
    """The value of every module variable that gets one from kind.yaml."""
    return {name: _resolve(source, request, environment) for name, source in kind.format.variables.items()}


def canonical(value: Mapping[str, Any]) -> bytes:
    """JSON in one form only, readable, without NaN: keys sorted, two spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def hcl(value: Any) -> str:
    """A trusted value as an HCL expression in which nothing is evaluated.

    Strings are quoted with `${` and `%{` doubled
    (https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences).
    """
    match value:
        case bool() | None:
            return json.dumps(value)
        case int() | float():
            return json.dumps(value, allow_nan=False)
        case str():
            return _quoted(value)
        case Mapping():
            return (
                "{"
                + ", ".join(f"{hcl(str(key))} = {hcl(inner)}" for key, inner in sorted(value.items()))
                + "}"
            )
        case list() | tuple():
            return "[" + ", ".join(hcl(inner) for inner in value) + "]"
    raise TypeError(f"HCL has no word for {type(value).__name__}")


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    return _JSON_ONLY.sub(lambda escape: _JSON_ESCAPES.get(escape[0], escape[0]), quoted)


def _trusted(identity: RequestId, kind: Kind, environment: Environment) -> Mapping[str, Any]:
    backend = environment.format.state
    return {
        "id": identity,
        "module": f"./{MODULE_FOLDER}",
        "variables": sorted(kind.format.variables),
        "secrets": sorted(kind.format.secrets),
        "outputs": {name: output.show for name, output in sorted(kind.format.outputs.items())},
        "providers": _providers(kind, environment),
        "backend": backend.type,
        "backend_settings": {**backend.config, **_state_key(backend.type, identity)},
    }


def _state_key(backend: str, identity: RequestId) -> Mapping[str, str]:
    """Where a backend keeps this workspace's state; the path of `local` is given at init, being a machine's own."""
    match STATE_KEYS[backend]:
        case _ if backend == "local":
            return {}
        case "key":
            return {"key": f"infrautomater/{identity.key}.tfstate"}
        case "schema_name":
            return {"schema_name": identity.key}
        case folder:
            return {folder: f"infrautomater/{identity.key}"}


def _providers(kind: Kind, environment: Environment) -> Mapping[str, Any]:
    """Who makes the kind's provider, where it is not HashiCorp, and how the environment configures it.

    A configuration without an address means HashiCorp's provider of that name, whatever the module says
    (https://developer.hashicorp.com/terraform/language/providers/requirements).
    """
    name, source = kind.format.provider, kind.format.source
    settings = environment.format.providers.get(name)
    blocks: dict[str, Any] = {}
    if source is not None:
        blocks["terraform"] = {"required_providers": {name: {"source": source}}}
    if settings is not None:
        blocks["provider"] = {name: _provider_settings(settings)}
    return blocks


def _provider_settings(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """`default_tags` may be written as the tags themselves."""
    tags = settings.get("default_tags")
    if not isinstance(tags, Mapping) or tags.keys() == {"tags"}:
        return settings
    return {**settings, "default_tags": {"tags": tags}}


def literal(value: Any) -> Any:
    """A trusted value for a `.tf.json` file, in which nothing is evaluated.

    Strings there are templates (https://developer.hashicorp.com/terraform/language/syntax/json#string-templates).
    """
    match value:
        case str():
            return value.replace("${", "$${").replace("%{", "%%{")
        case Mapping():
            return {literal(str(name)): literal(inner) for name, inner in value.items()}
        case list() | tuple():
            return [literal(inner) for inner in value]
    return value


def _resolve(source: Source, request: Request, environment: Environment) -> Any:
    match source:
        case FromParameter(parameter=name):
            return source.take(request.parameters[name])
        case FromEnvironment(environment=key, default=default):
            return environment.format.values.get(key, default)
        case Constant(constant=constant):
            return constant
        case FromRequest(source=fact):
            return _facts(request)[fact]


def _facts(request: Request) -> Mapping[str, str]:
    return {
        "resource_name": resource_name(request.id),
        "name": request.id.name,
        "team": request.team,
        "environment": request.id.environment,
        "request_id": request.id.key,
    }

"""Kind: an entry of the catalogue, a vetted module and the parameters it offers."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model, field_validator

from controller.core.document import Document, Loc, read_document
from controller.core.parameter import Choice, Parameter
from controller.core.pattern import checked, matches
from controller.core.rejection import Rejection, nearest
from controller.core.source import (
    Format,
    FromParameter,
    OneSaying,
    OneSource,
    Price,
    Saying,
    SayingByEnvironment,
    word,
)

Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,30}$")]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$")]
Limits = Mapping[str, tuple[Choice, ...]]
"""What an environment offers of some parameters, by their names."""


class Secret(Format):
    """An ephemeral variable of the module, generated anew until it is applied; `rotate` names a parameter."""

    length: int = Field(default=24, ge=12, le=128)
    rotate: str | None = None


class Output(Format):
    """An output of the module that a requester may see."""

    show: bool = False


class NameRule(Format):
    """Narrows the general rule for the names of requests."""

    pattern: str

    _is_a_pattern = field_validator("pattern")(checked)


class ResourceNameRule(NameRule):
    """What the cloud takes as the name that is derived from a request's; `says` puts it in words.

    `never` is a pattern that no name may match.
    """

    max_length: int = Field(default=63, ge=1, le=255)
    never: str | None = None
    says: str

    _is_one_too = field_validator("never")(checked)

    def takes(self, name: str) -> bool:
        """Whether the cloud takes a name, its length apart."""
        return matches(self.pattern, name) and not (self.never and matches(self.never, name))


class Cost(Format):
    """What a month costs, by the value of one parameter; zero where nothing is said.

    `without` names what is not in the price, for whoever reads it.
    """

    currency: str = Field(pattern="^[A-Z]{3}$")
    per_month: Price
    without: str = ""


class KindFormat(Format):
    """`kind.yaml` as the platform team writes it.

    `source` is the address of a provider that is not HashiCorp's.
    `disposable` names the types of resources that hold nothing: ending or replacing one is no risk. `errors` has, for a word that
    Terraform's error holds, what the requester should do. `farewell` says what remains of what is destroyed, or made anew.
    """

    title: str
    description: str
    provider: str
    source: str | None = Field(default=None, pattern=r"^([a-z0-9.-]+/)?[A-Za-z0-9_-]+/[A-Za-z0-9_-]+$")
    stateful: bool = False
    rehearsal: bool = False
    name: NameRule | None = None
    resource_name: ResourceNameRule | None = None
    parameters: Mapping[Word, Parameter] = Field(default_factory=dict)
    variables: Mapping[Identifier, OneSource] = Field(default_factory=dict)
    secrets: Mapping[Identifier, Secret] = Field(default_factory=dict)
    outputs: Mapping[Identifier, Output] = Field(default_factory=dict)
    shown: tuple[str, ...] = ()
    disposable: tuple[str, ...] = ()
    errors: Mapping[str, str] = Field(default_factory=dict)
    cost: Cost | None = None
    farewell: OneSaying = Saying(constant="")


@dataclass(frozen=True)
class Kind:
    """A kind by its name, with its module's files (path in the module → content)."""

    name: str
    format: KindFormat
    module: Mapping[str, bytes]

    def model(self, limits: Limits) -> type[BaseModel]:
        """The pydantic model of the parameters, as one environment's `limits` narrow them."""
        return self._model(tuple(sorted(limits.items())))

    @cached_property
    def _model(self) -> Callable[[tuple[tuple[str, tuple[Choice, ...]], ...]], type[BaseModel]]:
        """Models are dear to make, and the same for every request."""
        return cache(lambda limits: _parameters_model(self, dict(limits)))


def _parameters_model(kind: Kind, limits: Limits) -> type[BaseModel]:
    """Each field has a name that no parameter can have, since pydantic keeps some (`schema`, `copy`) for itself."""
    fields: dict[str, Any] = {}
    for index, (name, parameter) in enumerate(kind.format.parameters.items()):
        annotation, default = parameter.field(limits.get(name))
        fields[f"parameter_{index}"] = (annotation, Field(default=default, alias=name))
    config = ConfigDict(extra="forbid", validate_default=True)
    return create_model(f"{kind.name}_parameters", __config__=config, **fields)


def read_kind(name: str, folder: str, files: Mapping[str, bytes]) -> Kind | tuple[Rejection, ...]:
    """Read a module's folder as a kind; `files` maps paths in the folder to contents."""
    path = f"{folder}/kind.yaml"
    document = read_document(path, files["kind.yaml"])
    if isinstance(document, Rejection):
        return (document,)
    read = document.into(KindFormat)
    if isinstance(read, tuple):
        return read
    wrong = tuple(_contradictions(document, read))
    module = {path: content for path, content in files.items() if is_module_file(path)}
    return wrong or Kind(name, read, module)


def _contradictions(document: Document, kind: KindFormat) -> Iterator[Rejection]:
    """Where a kind speaks of a parameter that it does not offer, or does not know what to make of each value.

    Nothing can be rendered of such a kind; what merely should not be is found by `controller/core/inspection`.
    """
    for name, parameter in kind.parameters.items():
        for field, problem, way_out in parameter.contradictions():
            yield document.reject(_in(("parameters", name), field), problem, way_out)
    uses: list[tuple[Loc, FromParameter]] = [
        (("variables", name), source)
        for name, source in kind.variables.items()
        if isinstance(source, FromParameter)
    ]
    if kind.cost is not None and isinstance(kind.cost.per_month, FromParameter):
        uses.append((("cost", "per_month"), kind.cost.per_month))
    for loc, source in uses:
        used = kind.parameters.get(source.parameter)
        if used is None:
            yield _not_offered(document, (*loc, "parameter"), source.parameter, kind)
        elif source.map is not None:
            yield from _unmapped(document, (*loc, "map"), source.map, used)
    yield from _unsaid(document, kind)
    for name, secret in kind.secrets.items():
        if secret.rotate is not None and secret.rotate not in kind.parameters:
            yield _not_offered(document, ("secrets", name, "rotate"), secret.rotate, kind)


def _unsaid(document: Document, kind: KindFormat) -> Iterator[Rejection]:
    """Where a farewell says nothing of what most environments have."""
    said = kind.farewell
    if isinstance(said, SayingByEnvironment) and word(said.default) not in said.map:
        default = f"`{word(said.default)}`"
        problem = f"`map` says nothing of the default {default}"
        yield document.reject(("farewell", "map"), problem, f"Add {default}.")


def _in(loc: Loc, field: str) -> Loc:
    """The place of a parameter's own field; `enum.1` is an item's."""
    name, _, index = field.partition(".")
    return (*loc, name, int(index)) if index else (*loc, name)


def _not_offered(document: Document, loc: Loc, name: str, kind: KindFormat) -> Rejection:
    return document.reject(loc, f"there is no parameter `{name}`", nearest(name, kind.parameters))


def _unmapped(
    document: Document, loc: Loc, mapping: Mapping[str, Any], parameter: Parameter
) -> Iterator[Rejection]:
    known = words(parameter)
    if known is None:
        problem = "a parameter that takes any value cannot be mapped"
        yield document.reject(loc, problem, "Give the parameter an `enum`.")
    missing = [each for each in known or () if each not in mapping]
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        yield document.reject(loc, f"`map` says nothing of {names}", f"Add {names}.")


def words(parameter: Parameter) -> tuple[str, ...] | None:
    """Each value of a parameter as a key of YAML; None where it takes more than a list."""
    values = (False, True) if parameter.type == "boolean" else parameter.enum
    return None if values is None else tuple(word(value) for value in values)


def is_module_file(path: str) -> bool:
    """Whether a file of the folder belongs to the module itself (and so to the workspace's digest)."""
    if path == ".terraform.lock.hcl":
        return True
    is_hidden = any(part.startswith(".") for part in path.split("/"))
    return not (is_hidden or path == "kind.yaml" or path.endswith((".md", ".tftest.hcl")))

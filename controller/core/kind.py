"""Kind: an entry of the catalogue, a vetted module and the parameters it offers."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    create_model,
    field_validator,
)

from controller.core.document import Document, Loc, read_document
from controller.core.parameter import Choice, Parameter
from controller.core.rejection import Rejection, nearest

Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,30}$")]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$")]
Limits = Mapping[str, tuple[Choice, ...]]
"""What an environment offers of some parameters, by their names."""


class _Format(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class FromParameter(_Format):
    """A module variable that takes a requester's parameter, by way of `map` where there is one."""

    parameter: str
    map: Mapping[str, Any] | None = None

    def take(self, value: Any) -> Any:
        """What comes of a parameter's value."""
        return value if self.map is None else self.map[_word(value)]


class FromRequest(_Format):
    """A module variable that takes a fact about the request."""

    source: Literal["resource_name", "name", "team", "environment", "request_id"] = Field(alias="from")


class FromEnvironment(_Format):
    """A module variable that takes one of the environment's `values`."""

    environment: str
    default: Any = None


class Constant(_Format):
    """A module variable that is always the same."""

    constant: Any


def _source(value: Any) -> str | None:
    """Which source is meant, by the field that only it has."""
    if isinstance(value, Mapping):
        return next((source.__name__ for field, source in _SOURCES.items() if field in value), None)
    return type(value).__name__


_SOURCES: Mapping[str, type[BaseModel]] = {
    "parameter": FromParameter,
    "from": FromRequest,
    "environment": FromEnvironment,
    "constant": Constant,
}
Source = FromParameter | FromRequest | FromEnvironment | Constant
OneSource = Annotated[
    Annotated[FromParameter, Tag("FromParameter")]
    | Annotated[FromRequest, Tag("FromRequest")]
    | Annotated[FromEnvironment, Tag("FromEnvironment")]
    | Annotated[Constant, Tag("Constant")],
    Discriminator(
        _source,
        custom_error_type="source",
        custom_error_message="this needs one of `parameter`, `from`, `environment` and `constant`",
    ),
]
Price = Annotated[
    Annotated[FromParameter, Tag("FromParameter")] | Annotated[float, Tag("float")],
    Discriminator(lambda value: "FromParameter" if isinstance(value, Mapping | FromParameter) else "float"),
]


class Secret(_Format):
    """An ephemeral variable of the module, generated anew until it is applied; `rotate` names a parameter."""

    length: int = Field(default=24, ge=12, le=128)
    rotate: str | None = None


class Output(_Format):
    """An output of the module that a requester may see."""

    show: bool = False


class NameRule(_Format):
    """Narrows the general rule for the names of requests."""

    pattern: str

    @field_validator("pattern")
    @classmethod
    def _is_a_pattern(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"this is no regular expression: {error}") from error
        return pattern


class ResourceNameRule(NameRule):
    """What the cloud takes as the name that is derived from a request's; `says` puts it in words."""

    max_length: int = Field(default=63, ge=1, le=255)
    says: str


class Cost(_Format):
    """What a month costs, by the value of one parameter; zero where nothing is said."""

    currency: str = Field(pattern="^[A-Z]{3}$")
    per_month: Price


class KindFormat(_Format):
    """`kind.yaml` as the platform team writes it.

    `disposable` names the types of resources that hold nothing: replacing one is no risk. `errors` has, for a word that
    Terraform's error holds, what the requester should do.
    """

    title: str
    description: str
    provider: str
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
    """Where a kind speaks of a parameter that it does not offer, or does not know what to make of each value."""
    uses: list[tuple[Loc, FromParameter]] = [
        (("variables", name), source)
        for name, source in kind.variables.items()
        if isinstance(source, FromParameter)
    ]
    if kind.cost is not None and isinstance(kind.cost.per_month, FromParameter):
        uses.append((("cost", "per_month"), kind.cost.per_month))
    for loc, source in uses:
        parameter = kind.parameters.get(source.parameter)
        if parameter is None:
            yield _not_offered(document, (*loc, "parameter"), source.parameter, kind)
        elif source.map is not None:
            yield from _unmapped(document, (*loc, "map"), source.map, parameter)
    for name, secret in kind.secrets.items():
        if secret.rotate is not None and secret.rotate not in kind.parameters:
            yield _not_offered(document, ("secrets", name, "rotate"), secret.rotate, kind)


def _not_offered(document: Document, loc: Loc, name: str, kind: KindFormat) -> Rejection:
    return document.reject(loc, f"there is no parameter `{name}`", nearest(name, kind.parameters))


def _unmapped(
    document: Document, loc: Loc, mapping: Mapping[str, Any], parameter: Parameter
) -> Iterator[Rejection]:
    values = (False, True) if parameter.type == "boolean" else parameter.enum
    if values is None:
        yield document.reject(
            loc, "a parameter that takes any value cannot be mapped", "Give the parameter an `enum`."
        )
    missing = [_word(value) for value in values or () if _word(value) not in mapping]
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        yield document.reject(loc, f"`map` says nothing of {names}", f"Add {names}.")


def _word(value: Any) -> str:
    """A parameter's value as a key of YAML."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def is_module_file(path: str) -> bool:
    """Whether a file of the folder belongs to the module itself (and so to the workspace's digest)."""
    if path == ".terraform.lock.hcl":
        return True
    is_hidden = any(part.startswith(".") for part in path.split("/"))
    return not (is_hidden or path == "kind.yaml" or path.endswith((".md", ".tftest.hcl")))

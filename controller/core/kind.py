"""Kind: an entry of the catalogue, a vetted module and the parameters it offers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from controller.core.document import read_document
from controller.core.parameter import Parameter
from controller.core.rejection import Rejection

Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,30}$")]


class _Format(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class FromParameter(_Format):
    """A module variable that takes a requester's parameter, by way of `map` where there is one."""

    parameter: str
    map: Mapping[str, Any] | None = None


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


Source = FromParameter | FromRequest | FromEnvironment | Constant


class Secret(_Format):
    """An ephemeral variable of the module, generated anew until it is applied; `rotate` names a parameter."""

    length: int = Field(default=24, ge=12, le=128)
    rotate: str | None = None


class Output(_Format):
    """An output of the module that a requester may see."""

    show: bool = False


class NameRule(_Format):
    """Narrows the general rule for names."""

    pattern: str


class Cost(_Format):
    """What a month costs, by the value of one parameter; zero where nothing is said."""

    currency: str = Field(pattern="^[A-Z]{3}$")
    per_month: FromParameter | float


class KindFormat(_Format):
    """`kind.yaml` as the platform team writes it."""

    title: str
    description: str
    provider: str
    stateful: bool = False
    rehearsal: bool = False
    name: NameRule | None = None
    parameters: Mapping[Word, Parameter] = Field(default_factory=dict)
    variables: Mapping[str, Source] = Field(default_factory=dict)
    secrets: Mapping[str, Secret] = Field(default_factory=dict)
    outputs: Mapping[str, Output] = Field(default_factory=dict)
    shown: tuple[str, ...] = ()
    cost: Cost | None = None

    @model_validator(mode="after")
    def _names_its_own_parameters(self) -> "KindFormat":
        for name, source in self.variables.items():
            if isinstance(source, FromParameter) and source.parameter not in self.parameters:
                raise ValueError(
                    f"variable `{name}` takes the parameter `{source.parameter}`, which is not offered"
                )
        return self


@dataclass(frozen=True)
class Kind:
    """A kind by its name, with its module's files (path in the module → content)."""

    name: str
    format: KindFormat
    module: Mapping[str, bytes]


def read_kind(name: str, folder: str, files: Mapping[str, bytes]) -> Kind | tuple[Rejection, ...]:
    """Read a module's folder as a kind; `files` maps paths in the folder to contents."""
    path = f"{folder}/kind.yaml"
    document = read_document(path, files["kind.yaml"])
    if isinstance(document, Rejection):
        return (document,)
    read = document.into(KindFormat)
    if isinstance(read, tuple):
        return read
    module = {path: content for path, content in files.items() if is_module_file(path)}
    return Kind(name, read, module)


def is_module_file(path: str) -> bool:
    """Whether a file of the folder belongs to the module itself (and so to the workspace's digest)."""
    return "/" not in path and (path.endswith(".tf") or path == ".terraform.lock.hcl")

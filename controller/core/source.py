"""Source: where a variable of a kind's module takes its value from."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag


class Format(BaseModel):
    """What a kind.yaml is made of: each field is known, and none changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class FromParameter(Format):
    """A module variable that takes a requester's parameter, by way of `map` where there is one."""

    parameter: str
    map: Mapping[str, Any] | None = None

    def take(self, value: Any) -> Any:
        """What comes of a parameter's value."""
        return value if self.map is None else self.map[word(value)]


class FromRequest(Format):
    """A module variable that takes a fact about the request."""

    source: Literal["resource_name", "name", "team", "environment", "request_id"] = Field(alias="from")


class FromEnvironment(Format):
    """A module variable that takes one of the environment's `values`."""

    environment: str
    default: Any = None


class Constant(Format):
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
        custom_error_type="mistake",
        custom_error_message="{problem}",
        custom_error_context={
            "problem": "this needs one of `parameter`, `from`, `environment` and `constant`",
            "way_out": "Write `{parameter: …}`, `{from: …}`, `{environment: …}` or `{constant: …}`.",
        },
    ),
]
Price = Annotated[
    Annotated[FromParameter, Tag("FromParameter")] | Annotated[float, Tag("float")],
    Discriminator(lambda value: "FromParameter" if isinstance(value, Mapping | FromParameter) else "float"),
]


class Saying(Format):
    """A sentence that is always the same."""

    constant: str = Field(max_length=200)

    def take(self, _values: Mapping[str, Any]) -> str:
        """What is said, whatever the environment's `values` are."""
        return self.constant


class SayingByEnvironment(Format):
    """A sentence that depends on one of the environment's `values`."""

    environment: str
    default: Any
    map: Mapping[str, Annotated[str, Field(max_length=200)]]

    def take(self, values: Mapping[str, Any]) -> str:
        """What is said under the environment's `values`; nothing of a value that `map` does not have."""
        return self.map.get(word(values.get(self.environment, self.default)), "")


def _saying(value: Any) -> str | None:
    known = {"environment": "SayingByEnvironment", "constant": "Saying"}
    if isinstance(value, Mapping):
        return next((known[field] for field in known if field in value), None)
    return type(value).__name__


OneSaying = Annotated[
    Annotated[Saying, Tag("Saying")] | Annotated[SayingByEnvironment, Tag("SayingByEnvironment")],
    Discriminator(
        _saying,
        custom_error_type="mistake",
        custom_error_message="{problem}",
        custom_error_context={
            "problem": "this needs one of `environment` and `constant`",
            "way_out": "Write `{constant: …}`, or `{environment: …, map: {true: …, false: …}}`.",
        },
    ),
]


def word(value: Any) -> str:
    """A parameter's value as a key of YAML."""
    return str(value).lower() if isinstance(value, bool) else str(value)

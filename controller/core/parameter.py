"""Parameter: one knob of a kind, and the pydantic field that it becomes."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

MAX_TEXT = 2_000
MAX_NUMBER = 10**15

Value = str | int | float | bool | Mapping[str, str]
Label = Annotated[str, Field(max_length=MAX_TEXT)]


class Rule(StrEnum):
    """What may become of a value once it was applied."""

    FREE = "free"
    IN_PLACE = "in_place"
    DOWNTIME = "downtime"
    REPLACE = "replace"
    GROW_ONLY = "grow_only"
    FORBIDDEN = "forbidden"


class Parameter(BaseModel):
    """A parameter as `kind.yaml` offers it; a parameter without a default must be given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["string", "integer", "number", "boolean", "map"]
    description: str
    change: Rule = Rule.IN_PLACE
    default: Value | None = None
    enum: tuple[str | int, ...] | None = None
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    unit: str | None = None

    @model_validator(mode="after")
    def _fits_itself(self) -> "Parameter":
        if self.change is Rule.GROW_ONLY and self.type not in {"integer", "number"}:
            raise ValueError("`grow_only` is for numbers")
        if self.enum is not None and self.default is not None and self.default not in self.enum:
            raise ValueError(f"the default `{self.default}` is not one of `enum`")
        return self

    def field(self, offered: tuple[str | int, ...] | None = None) -> tuple[Any, Any]:
        """The type and the default for `pydantic.create_model`; `offered` narrows `enum`."""
        return self._annotation(offered or self.enum), ... if self.default is None else self.default

    def _annotation(self, offered: tuple[str | int, ...] | None) -> Any:
        if offered is not None:
            return Literal[offered]
        match self.type:
            case "string":
                limits = Field(
                    strict=True,
                    pattern=self.pattern,
                    min_length=self.min_length,
                    max_length=self.max_length or MAX_TEXT,
                )
                return Annotated[str, limits]
            case "boolean":
                return Annotated[bool, Field(strict=True)]
            case "map":
                return Annotated[dict[Label, Label], Field(max_length=self.max_length or 64)]
            case _:
                return self._number()

    def _number(self) -> Any:
        bounds = Field(
            strict=True,
            ge=-MAX_NUMBER if self.minimum is None else self.minimum,
            le=MAX_NUMBER if self.maximum is None else self.maximum,
            allow_inf_nan=False if self.type == "number" else None,
        )
        if self.type == "integer":
            return Annotated[int, bounds]
        return Annotated[float, bounds, AfterValidator(_without_negative_zero)]


def _without_negative_zero(number: float) -> float:
    return number + 0.0

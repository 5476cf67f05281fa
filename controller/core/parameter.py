"""Parameter: one knob of a kind, and the pydantic field that it becomes."""

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
)
from pydantic_core import PydanticCustomError

from controller.core.mistake import mistake
from controller.core.pattern import checked
from controller.core.rejection import nearest

MAX_TEXT = 2_000
MAX_NUMBER = 10**15
MAX_LENGTH = 64 * 1024

Value = str | int | float | bool | Mapping[str, str]
Choice = str | int | float | bool
EnumValue = Annotated[str | int | float, BeforeValidator(lambda value: _plain(value, str, int, float))]
Mistake = tuple[str, str, str]
"""The field of the parameter, the problem and the way out."""

_NUMBERS = ("integer", "number")
_MISFIT = "does not fit the parameter's own type and limits"
_FIT = "Change the value, or what the parameter takes."


class Rule(StrEnum):
    """What may become of a value once it was applied."""

    FREE = "free"
    IN_PLACE = "in_place"
    DOWNTIME = "downtime"
    REPLACE = "replace"
    GROW_ONLY = "grow_only"
    FORBIDDEN = "forbidden"


class Parameter(BaseModel):
    """A parameter as `kind.yaml` offers it; a parameter without a default must be given.

    A value other than the default is taken only where the environment's `values` say `true` for `allowed_by`. Of a map,
    `pattern` is for its values and `key_pattern` for its keys. `time_taken`, which a kind spells `takes`, says how long
    something is away when the value changes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["string", "integer", "number", "boolean", "map"]
    description: str
    change: Rule = Rule.IN_PLACE
    default: Annotated[Value | None, BeforeValidator(lambda value: _plain(value, *_VALUES))] = None
    enum: tuple[EnumValue, ...] | None = None
    pattern: str | None = None
    key_pattern: str | None = None
    minimum: float | None = Field(default=None, ge=-MAX_NUMBER, le=MAX_NUMBER)
    maximum: float | None = Field(default=None, ge=-MAX_NUMBER, le=MAX_NUMBER)
    min_length: int | None = Field(default=None, ge=0, le=MAX_LENGTH)
    max_length: int | None = Field(default=None, ge=1, le=MAX_LENGTH)
    unit: str | None = None
    allowed_by: str | None = None
    time_taken: str = Field(default="", alias="takes", max_length=80)

    _is_a_pattern = field_validator("pattern", "key_pattern")(checked)

    def contradictions(self) -> Iterator[Mistake]:
        """Where the parameter could take nothing, or not what it says itself."""
        if self.change is Rule.GROW_ONLY and self.type not in _NUMBERS:
            yield (
                "change",
                "`grow_only` is for numbers",
                "Choose what becomes of a running one when it changes.",
            )
        if self.time_taken and self.change is not Rule.DOWNTIME:
            yield "takes", "`takes` says how long a `downtime` is, and this is none", "Delete it."
        bounds = tuple(self._bounds())
        yield from bounds
        if bounds:
            return
        for index, value in enumerate(self.enum or ()):
            if not _is_taken(self._type(), value):
                yield f"enum.{index}", f"`{_said(value)}` {_MISFIT}", _FIT
        if self.enum == ():
            yield "enum", "`enum` is empty, so that no value can be given", "List the values, or delete it."
        elif self.enum is not None and self.default is not None and self.default not in self.enum:
            problem = f"the default `{self.default}` is not one of `enum`"
            yield "default", problem, nearest(str(self.default), map(str, self.enum))
        elif self.default is not None and not self.takes(self.default):
            yield "default", f"`{_said(self.default)}` {_MISFIT}", _FIT

    def _bounds(self) -> Iterator[Mistake]:
        """Bounds that contradict each other, or that no whole number keeps."""
        for low, high in (("minimum", "maximum"), ("min_length", "max_length")):
            least, most = getattr(self, low), getattr(self, high)
            if least is not None and most is not None and least > most:
                yield (
                    high,
                    f"`{low}` is {least:.15g}, and `{high}` is {most:.15g}",
                    "Exchange them, or mend one.",
                )
        for name in ("minimum", "maximum"):
            bound = getattr(self, name)
            if bound is not None and self.type == "integer" and not bound.is_integer():
                yield (
                    name,
                    f"`{name}` is {bound:.15g}, and the parameter a whole number",
                    "Write a whole number.",
                )

    def takes(self, value: object) -> bool:
        """Whether a value may be given for this parameter."""
        return _is_taken(self._annotation(self.enum), value)

    def choices(self, offered: tuple[Choice, ...] | None = None) -> tuple[Choice, ...] | None:
        """What it takes where that is a list, as `offered` narrows it; None where there is none."""
        return self.enum if offered is None else tuple(value for value in offered if self.takes(value))

    def field(self, offered: tuple[Choice, ...] | None = None) -> tuple[Any, Any]:
        """The type and the default for `pydantic.create_model`.

        `offered` narrows what the parameter takes and never widens it; a default that is no longer offered must be given,
        unless only one value is left.
        """
        choices = self.choices(offered)
        return self._annotation(choices), self._default_among(choices)

    def _default_among(self, choices: tuple[Choice, ...] | None) -> Any:
        if self.default is None or choices is None:
            return ... if self.default is None else self.default
        if len(choices) == 1:
            return choices[0]
        return self.default if self.default in choices else ...

    def _annotation(self, choices: tuple[Choice, ...] | None) -> Any:
        if choices is None:
            return self._type()
        return Annotated[self._type(), BeforeValidator(partial(_one_of, choices))]

    def _type(self) -> Any:
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
                key = Annotated[str, Field(pattern=self.key_pattern, max_length=MAX_TEXT)]
                value = Annotated[str, Field(pattern=self.pattern, max_length=MAX_TEXT)]
                return Annotated[dict[key, value], Field(max_length=self.max_length or 64)]
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


_VALUES = (str, int, float, bool, Mapping, type(None))


def _is_taken(annotation: Any, value: object) -> bool:
    try:
        TypeAdapter(annotation).validate_python(value)
    except ValidationError:
        return False
    return True


def _said(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _plain(value: Any, *types: type) -> Any:
    """One plain mistake in place of one for each member of the union."""
    is_odd_bool = isinstance(value, bool) and bool not in types
    if is_odd_bool or not isinstance(value, types):
        raise mistake("this must be text or a number", "Write a plain value.")
    return value


def _one_of(choices: tuple[Choice, ...], value: Any) -> Any:
    """Strictly one of the choices: `true` is not 1, and `1.0` is left to the parameter's type."""
    if any(isinstance(choice, bool) is isinstance(value, bool) and choice == value for choice in choices):
        return value
    raise PydanticCustomError("choice", "not one of the choices", {"choices": choices})


def _without_negative_zero(number: float) -> float:
    return number + 0.0

"""What pydantic found wrong, in the words of somebody who wrote YAML."""

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails, PydanticCustomError

from controller.core.rejection import nearest

Words = tuple[str, str]
"""The problem and the way out."""

_MUST_BE = {
    "string": ("text", "Write text."),
    "int": ("a whole number", "Write a whole number, without quotes."),
    "float": ("a number", "Write a number, without quotes."),
    "finite": ("a number", "Write a number, without quotes."),
    "bool": ("`true` or `false`", "Write `true` or `false`, without quotes."),
    "tuple": ("a list", "Write `[one, another]`, or one `- item` a line."),
    "dict": ("`key: value` lines", "Indent the fields under it."),
    "mapping": ("`key: value` lines", "Indent the fields under it."),
    "model": ("`key: value` lines", "Indent the fields under it."),
}
_LIMITS = {
    "greater_than_equal": ("{name} is {shown}, which is too little", "ge", "Write {} or more."),
    "less_than_equal": ("{name} is {shown}, which is too much", "le", "Write {} or less."),
    "string_too_long": ("{name} is too long", "max_length", "Use at most {} characters."),
    "string_too_short": ("{name} is too short", "min_length", "Use at least {} characters."),
    "too_long": ("{name} has too many entries", "max_length", "Keep at most {}."),
    "too_short": ("{name} has too few entries", "min_length", "Give at least {}."),
    "string_pattern_mismatch": ("{name} cannot be {shown}", "pattern", "It must match `{}`."),
}


def mistake(problem: str, way_out: str) -> PydanticCustomError:
    """What a validator raises that knows the way out."""
    return PydanticCustomError("mistake", "{problem}", {"problem": problem, "way_out": way_out})


def explain(detail: ErrorDetails, model: type[BaseModel]) -> Words:
    """The problem and the way out for one finding (https://docs.pydantic.dev/latest/errors/validation_errors/)."""
    name = _name(detail["loc"])
    shown = _shown(detail["input"])
    context: Mapping[str, Any] = detail.get("ctx") or {}
    match detail["type"]:
        case "extra_forbidden":
            word = str(detail["loc"][-1])
            known = [other for other in _known(model, detail["loc"][:-1]) if other != word]
            return f"{name} is not a known field", nearest(word, known)
        case "missing":
            return f"{name} is missing", f"Add {name}."
        case "choice" | "literal_error" | "enum":
            return f"{name} cannot be {shown}", nearest(str(detail["input"]), _choices(context))
        case "mistake":
            return f"{name}: {context['problem']}", context["way_out"]
        case type_ if type_ in _LIMITS:
            problem, key, way_out = _LIMITS[type_]
            return problem.format(name=name, shown=shown), way_out.format(_limit(context.get(key)))
        case type_:
            return _wrong_type(type_, name, detail)


def _name(loc: tuple[str | int, ...]) -> str:
    if not loc:
        return "the file"
    if isinstance(loc[-1], int):
        return f"item {loc[-1] + 1} of {_name(loc[:-1])}"
    return f"`{loc[-1]}`"


def _wrong_type(type_: str, name: str, detail: ErrorDetails) -> Words:
    wanted, way_out = _MUST_BE.get(type_.partition("_")[0], (None, "Change the value."))
    if wanted is None:
        return f"{name} is {_shown(detail['input'])}: {detail['msg']}", way_out
    if detail["input"] is None:
        return f"{name} is left empty", f"Give it {wanted}, or delete the line."
    if not detail["loc"]:
        way_out = "Write one `field: value` a line."
    if wanted == "text" and isinstance(detail["input"], int | float):
        way_out = f"Put quotes around it: `{json.dumps(str(_yaml(detail['input'])))}`."
    return f"{name} must be {wanted}, not {_shown(detail['input'])}", way_out


def _shown(value: object) -> str:
    """A value as its writer would call it."""
    match value:
        case None:
            return "nothing"
        case str():
            text = f'"{value}"'
        case Mapping():
            return "`key: value` lines"
        case list():
            return "a list"
        case _:
            text = _yaml(value)
    return f"`{text}`" if len(text) <= 60 else f"`{text[:57]}...`"


def _yaml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _limit(limit: object) -> str:
    if isinstance(limit, float) and limit.is_integer():
        limit = int(limit)
    return str(limit)


def _choices(context: Mapping[str, Any]) -> tuple[str | int, ...]:
    """Our own choices, or the names in pydantic's `'apply' or 'plan_only'`."""
    if "choices" in context:
        return tuple(context["choices"])
    expected = str(context.get("expected", ""))
    return tuple(part.strip(" '") for part in expected.replace(" or ", ", ").split(","))


def _known(annotation: Any, loc: tuple[str | int, ...]) -> Iterator[str]:
    """The names of the fields that may stand at a place."""
    for member in _members(annotation):
        fields = _fields(member)
        if not loc:
            yield from fields or ()
        elif fields is not None and loc[0] in fields:
            yield from _known(fields[str(loc[0])], loc[1:])
        elif fields is None and get_args(member):
            yield from _known(get_args(member)[-1 if issubclass(get_origin(member), Mapping) else 0], loc[1:])


def _members(annotation: Any) -> Iterator[Any]:
    """What stands in a union or an `Annotated`, at any depth."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _members(get_args(annotation)[0])
    elif origin is None or (isinstance(origin, type) and issubclass(origin, Mapping | tuple)):
        yield annotation
    else:
        for member in get_args(annotation):
            yield from _members(member)


def _fields(member: Any) -> Mapping[str, Any] | None:
    if not (isinstance(member, type) and issubclass(member, BaseModel)):
        return None
    return {info.alias or name: info.annotation for name, info in member.model_fields.items()}

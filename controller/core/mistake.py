"""What pydantic found wrong, in the words of somebody who wrote YAML."""

from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from controller.core.rejection import nearest


def explain(detail: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    """The problem and the way out for one finding (https://docs.pydantic.dev/latest/errors/validation_errors/)."""
    name = f"`{detail['loc'][-1]}`" if detail["loc"] else "the file"
    context: Mapping[str, Any] = detail.get("ctx") or {}
    match detail["type"]:
        case "extra_forbidden":
            return f"{name} is not a known field", nearest(
                str(detail["loc"][-1]), _fields(model, detail["loc"])
            )
        case "missing":
            return f"{name} is missing", f"Add {name}."
        case "literal_error":
            expected = str(context.get("expected", ""))
            known = [part.strip(" '") for part in expected.replace(" or ", ", ").split(",")]
            return f"{name} cannot be {_shown(detail['input'])}", nearest(str(detail["input"]), known)
        case "value_error":
            return f"{name}: {context.get('error', detail['msg'])}", "Change the value."
        case "model_type" | "dict_type" | "model_attributes_type":
            return f"{name} must hold `key: value` lines", "Indent the fields under it."
        case _:
            return f"{name} is {_shown(detail['input'])}: {_plain(detail['msg'])}", _way_out(
                detail["type"], context
            )


def _fields(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """The names that the model has at the place of the unknown one."""
    current: Any = model
    for part in loc[:-1]:
        if not (isinstance(current, type) and issubclass(current, BaseModel)):
            return []
        by_name = {info.alias or name: info for name, info in current.model_fields.items()}
        if part not in by_name:
            return []
        current = _inner(by_name[str(part)].annotation)
    if isinstance(current, type) and issubclass(current, BaseModel):
        return [info.alias or name for name, info in current.model_fields.items()]
    return []


def _inner(annotation: Any) -> Any:
    """The model inside `Model | None`, `Annotated[Model, …]` and the like."""
    if get_origin(annotation) is None:
        return annotation
    models = [arg for arg in get_args(annotation) if isinstance(arg, type) and issubclass(arg, BaseModel)]
    return models[0] if models else annotation


def _shown(value: object) -> str:
    text = repr(value) if not isinstance(value, str) else f'"{value}"'
    return f"`{text}`" if len(text) <= 60 else f"`{text[:57]}...`"


def _plain(message: str) -> str:
    plain = message.replace("Input should be", "it must be")
    for python, words in (("a valid string", "text"), ("a valid integer", "a whole number")):
        plain = plain.replace(python, words)
    return plain[0].lower() + plain[1:]


def _way_out(type_: str, context: Mapping[str, Any]) -> str:
    limits = {
        "greater_than_equal": ("ge", "Write {} or more."),
        "less_than_equal": ("le", "Write {} or less."),
        "string_too_long": ("max_length", "Use at most {} characters."),
        "string_too_short": ("min_length", "Use at least {} characters."),
        "string_pattern_mismatch": ("pattern", "It must match `{}`."),
    }
    if type_ in limits:
        key, words = limits[type_]
        return words.format(context.get(key))
    if type_.startswith("string"):
        return "Write text; put quotes around it if it looks like a number."
    return "Change the value."

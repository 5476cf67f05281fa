"""Types: whether a value can go into a module's variable, as far as the variable's `type` says so plainly.

https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion
"""

import re
from collections.abc import Mapping
from typing import Any

from controller.core.parameter import Parameter

_OF_MANY = re.compile(r"(list|set|map)\s*\((.*)\)", re.DOTALL)
_WORD = re.compile(r"[a-z]+")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_PARAMETERS: Mapping[str, frozenset[str]] = {
    "string": frozenset({"string"}),
    "integer": frozenset({"number", "string"}),
    "number": frozenset({"number", "string"}),
    "boolean": frozenset({"bool", "string"}),
    "map": frozenset({"map", "object"}),
}
_KNOWN = frozenset({"string", "number", "bool", "list", "set", "tuple", "map", "object"})


def takes(type_: str, value: Any) -> bool:
    """Whether Terraform would take a value of YAML for a variable of this type; what is not plain is let pass."""
    word, inner = _parts(type_)
    if value is None or word not in _KNOWN:
        return True
    if word in {"list", "set", "tuple"}:
        return isinstance(value, list | tuple) and all(takes(inner, each) for each in value)
    if word in {"map", "object"}:
        return isinstance(value, Mapping) and all(takes(inner, each) for each in value.values())
    return isinstance(value, str | int | float) and _converts(word, value)


def takes_text(type_: str) -> bool:
    """Whether any text can go into a variable of this type."""
    word, _ = _parts(type_)
    return word not in _KNOWN or word == "string"


def takes_parameter(type_: str, parameter: Parameter) -> bool:
    """Whether every value of a parameter can go into a variable of this type."""
    if parameter.enum is not None:
        return all(takes(type_, value) for value in parameter.enum)
    word, inner = _parts(type_)
    if parameter.type == "map" and word == "map":
        return takes_text(inner)
    return word not in _KNOWN or word in _PARAMETERS[parameter.type]


def _converts(word: str, value: str | float) -> bool:
    """Whether a plain value becomes text, a number or a boolean without a loss."""
    if word == "number":
        is_written = isinstance(value, str) and _NUMBER.fullmatch(value) is not None
        return is_written or not isinstance(value, str | bool)
    return word == "string" or isinstance(value, bool) or value in {"true", "false"}


def _parts(type_: str) -> tuple[str, str]:
    """The type's first word, and the type of its elements where that is said."""
    of_many = _OF_MANY.fullmatch(type_.strip())
    if of_many:
        return of_many[1], of_many[2]
    word = _WORD.match(type_.strip())
    return (word[0] if word else ""), ""

"""Schema: what may stand in a request's file, as JSON Schema for editors and linters.

Draft-07, since that is what the YAML language server knows (https://github.com/redhat-developer/yaml-language-server).
What it accepts and what `read_request` accepts are the same, but for what a schema cannot say: where a file lies, what
YAML itself is refused (aliases, tags, keys given twice), the name that is derived for the cloud, what other files ask
for, a pattern that ECMAScript has no words for, and `1.0`, which is a whole number to JSON Schema.
"""

import re
from collections.abc import Sequence
from typing import Any

from controller.core.catalogue import Catalogue
from controller.core.environment import Environment
from controller.core.identity import RequestId
from controller.core.kind import Kind
from controller.core.offer import CHANGES, Offered, offered, offering, sentence
from controller.core.parameter import Parameter
from controller.core.request import MAX_KEY, NAME

DRAFT = "http://json-schema.org/draft-07/schema#"

Schema = dict[str, Any]

_LONGEST = 40
_NAME_RULE = (
    "At most 40 small letters, digits and hyphens, beginning with a letter and not ending with a hyphen."
)
_SAME_IN_ECMA = re.compile(
    r"""(?: \\[\^$.*+?()\[\]{}|/tnr]                        # an escape that both have
          | \[ \^? (?: [^\]\[\\&~-] | -(?!-) | \\[\^$.*+?()\[\]{}|/tnr-] )+ \]   # a class without classes in it
          | \( (?: \?: | (?!\?) ) | \) | \|                 # groups, without flags and look-around
          | [\^$] (?![*+?{])
          | (?: [*+?] | \{[0-9]+(?:,[0-9]*)?\} ) \?? (?![*+?{])
          | [^\\^$*+?()\[\]{}|]                             # any other character, and `.`
        )*""",
    re.VERBOSE,
)
_TOKEN = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\.", re.DOTALL)


def request_schema(catalogue: Catalogue) -> Schema:
    """One schema for requests of every kind in every environment that offers it."""
    kinds = [kind for kind in catalogue.kinds.values() if offering(kind, catalogue)]
    titles = "; ".join(f"{kind.name}: {kind.format.title}" for kind in kinds)
    return {
        "$schema": DRAFT,
        "title": "Request",
        "description": "What a team asks for, in one file.",
        "type": "object",
        "required": ["kind", "name", "environment"],
        "additionalProperties": False,
        "properties": {
            "kind": {"enum": [kind.name for kind in kinds], "description": f"What you want. {titles}"},
            "name": {
                "type": "string",
                "pattern": f"^{NAME.pattern}$",
                "description": f"What to call it. {_NAME_RULE}",
            },
            "environment": {
                "enum": list(catalogue.environments),
                "description": "Where it lives.",
            },
            "parameters": {"type": "object", "description": "How it should be; the rest has its defaults."},
        },
        **({"allOf": [_of_kind(kind, offering(kind, catalogue)) for kind in kinds]} if kinds else {}),
    }


def ecma(pattern: str) -> str | None:
    """A pattern of Rust's or Python's in ECMAScript's words, None where there are none that surely mean the same.

    Classes such as that of all digits differ, and so do flags; `.` is anything but a line feed
    (https://docs.rs/regex/latest/regex/#syntax, https://json-schema.org/understanding-json-schema/reference/regular_expressions).
    """
    dot_takes_all = pattern.startswith("(?s)")
    body = pattern.removeprefix("(?s)")
    if not _SAME_IN_ECMA.fullmatch(body):
        return None
    dot = r"[\s\S]" if dot_takes_all else r"[^\n]"
    return _TOKEN.sub(lambda token: dot if token[0] == "." else token[0], body)


def _of_kind(kind: Kind, environments: Sequence[Environment]) -> Schema:
    parameters = _properties(kind)
    rule = ecma(kind.format.name.pattern) if kind.format.name else None
    narrowed = [
        _where("environment", place.name, _narrowing(kind, place, parameters)) for place in environments
    ]
    properties = {
        "environment": {"enum": [environment.name for environment in environments]},
        **({"name": {"pattern": f"^(?:{rule})$"}} if rule else {}),
        "parameters": {
            "description": sentence(kind.format.description),
            "properties": parameters,
            "additionalProperties": False,
        },
    }
    return _where("kind", kind.name, {"properties": properties, "allOf": narrowed})


def _where(field: str, value: str, then: Schema) -> Schema:
    return {"if": {"properties": {field: {"const": value}}, "required": [field]}, "then": then}


def _narrowing(kind: Kind, environment: Environment, generous: Schema) -> Schema:
    """What an environment offers of a kind beyond what every environment refuses."""
    here = _properties(kind, environment)
    narrowed = {name: _beyond(generous[name], here[name]) for name in here if here[name] != generous[name]}
    required = [one.name for one in offered(kind, environment) if one.default is None]
    room = MAX_KEY - len(RequestId(environment.name, kind.name, "").key)
    properties = {
        **({"name": {"maxLength": room}} if room < _LONGEST else {}),
        "parameters": {"properties": narrowed, "required": required},
    }
    return {"properties": properties, "required": ["parameters"] if required else []}


def _beyond(generous: Schema, narrow: Schema) -> Schema:
    return {keyword: value for keyword, value in narrow.items() if generous.get(keyword) != value}


def _properties(kind: Kind, environment: Environment | None = None) -> Schema:
    """The parameters: pydantic's own schema of each, with what pydantic cannot know."""
    described = kind.model({}).model_json_schema()["properties"]
    return {one.name: _property(one, described[one.name]) for one in offered(kind, environment)}


def _property(one: Offered, described: Schema) -> Schema:
    unit = f" In {one.parameter.unit}." if one.parameter.unit else ""
    text = f"{sentence(one.parameter.description)}{unit} {CHANGES[one.parameter.change]}"
    schema = _of_type(one.parameter, described)
    if one.choices is not None:
        schema = {"type": described["type"], "enum": list(one.choices)}
    return {"description": text, **schema, **({} if one.default is None else {"default": one.default})}


def _of_type(parameter: Parameter, described: Schema) -> Schema:
    if parameter.type != "map":
        return _tidy(described) | _pattern(parameter.pattern)
    # For a pattern of keys pydantic has `patternProperties`, which lets every other key pass.
    values = described.get("additionalProperties") or next(iter(described["patternProperties"].values()))
    return {
        "type": "object",
        "propertyNames": _tidy(described["propertyNames"]) | _pattern(parameter.key_pattern),
        "additionalProperties": _tidy(values) | _pattern(parameter.pattern),
        "maxProperties": described["maxProperties"],
    }


def _tidy(described: Schema) -> Schema:
    """Whole numbers as such, and without what is said elsewhere."""
    return {
        key: int(value) if isinstance(value, float) and value.is_integer() else value
        for key, value in described.items()
        if key not in {"title", "default", "pattern"}
    }


def _pattern(pattern: str | None) -> Schema:
    said = None if pattern is None else ecma(pattern)
    return {} if said is None else {"pattern": said}

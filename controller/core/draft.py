"""Draft: a request's file that is being written, with what the kind says of each parameter beside it."""

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from yamlcore import CCoreLoader

from controller.core.catalogue import Catalogue
from controller.core.environment import Environment
from controller.core.identity import RequestId
from controller.core.kind import Kind
from controller.core.offer import Offered, offered, sentence
from controller.core.parameter import Parameter

_WIDTH = 100
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_NUMBER = re.compile(r"[-+]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]{1,18}(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")


@dataclass(frozen=True)
class Draft:
    """What is to be asked for; `parameters` has the values that were given, and no defaults."""

    id: RequestId
    team: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"requests/{self.team}/{self.id.name}.yaml"


def read_parameters(kind: Kind | None, words: Mapping[str, str]) -> Mapping[str, Any]:
    """Values from the words of a command line: `size=small`, `labels.cost-centre=4711` for an entry of a map.

    What does not look like a parameter's type stays text, for `read_request` to refuse.
    """
    known = kind.format.parameters if kind else {}
    values: dict[str, Any] = {}
    for name, word in words.items():
        parameter, dot, key = name.partition(".")
        if dot:
            entries = values.get(parameter)
            values[parameter] = {**(entries if isinstance(entries, dict) else {}), key: word}
        else:
            values[name] = _value(known.get(name), word)
    return values


def write_request(draft: Draft, catalogue: Catalogue, schema: str = "") -> str:
    """The file's text; `schema` is where its JSON Schema is, as seen from the file.

    What was asked for is written out; every other parameter stands there as a comment, with its default.
    """
    kind, environment = catalogue.kinds.get(draft.id.kind), catalogue.environments.get(draft.id.environment)
    return "".join(f"{line}\n" for line in _lines(draft, kind, environment, schema))


def _lines(draft: Draft, kind: Kind | None, environment: Environment | None, schema: str) -> Iterator[str]:
    if schema:
        yield f"# yaml-language-server: $schema={schema}"
    if kind:
        yield from _comment(f"{kind.format.title}: {sentence(kind.format.description)}", "")
    yield f"kind: {scalar(draft.id.kind)}"
    yield f"name: {scalar(draft.id.name)}"
    yield f"environment: {scalar(draft.id.environment)}"
    described = {one.name: one for one in offered(kind, environment)} if kind else {}
    given = {**_foregone(described), **draft.parameters}
    if described or given:
        yield "parameters:" if given else "# parameters:"
    for name in (*described, *(name for name in given if name not in described)):
        yield from _parameter(name, given, described.get(name))


def _foregone(described: Mapping[str, Offered]) -> Mapping[str, Any]:
    """What must be given, and can be one thing only."""
    return {
        name: one.choices[0]
        for name, one in described.items()
        if one.default is None and one.choices is not None and len(one.choices) == 1
    }


def _parameter(name: str, given: Mapping[str, Any], one: Offered | None) -> Iterator[str]:
    if one:
        yield ""
        yield from _comment(one.about, "  ")
    if name in given:
        yield from _entry(name, given[name])
    elif one and one.default is not None:
        yield from (f"  # {line.removeprefix('  ')}" for line in _entry(name, one.default))


def _entry(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        yield f"  {scalar(name)}:"
        yield from (f"    {scalar(key)}: {scalar(inner)}" for key, inner in value.items())
    else:
        yield f"  {scalar(name)}: {scalar(value)}"


def _comment(text: str, indent: str) -> Iterator[str]:
    line = " ".join(text.split())
    return iter(textwrap.wrap(line, _WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# "))


def scalar(value: Any) -> str:
    """A value in YAML; text in quotes unless every reader of YAML, old and new, takes it as text without them."""
    if not isinstance(value, str):
        return json.dumps(value, allow_nan=False)
    if _PLAIN.fullmatch(value) and all(reader(value).get_single_data() == value for reader in _READERS):
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(character if character.isprintable() else _escape(character) for character in quoted)


_READERS = (yaml.CSafeLoader, CCoreLoader)


def _escape(character: str) -> str:
    """https://yaml.org/spec/1.2.2/#57-escaped-characters; YAML knows no pairs of surrogates, as JSON does."""
    point = ord(character)
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def _value(parameter: Parameter | None, word: str) -> Any:
    match parameter.type if parameter else "string":
        case "integer" if _NUMBER.fullmatch(word):
            return int(word)
        case "number" if _NUMBER.fullmatch(word):
            return int(word)
        case "number" if _DECIMAL.fullmatch(word):
            return float(word)
        case "boolean" if word in {"true", "false"}:
            return word == "true"
        case "map" if word in {"", "{}"}:
            return {}
    return word

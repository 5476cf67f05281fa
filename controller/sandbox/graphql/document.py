"""A GraphQL document, read: operations, fields, arguments and variables; no fragments by name, no directives.

See https://spec.graphql.org/October2021/#sec-Language.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(
    r'(?P<skip>[\s,\ufeff]+|\#[^\n\r]*)|(?P<string>"(?:[^"\\\n]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?)'
    r"|(?P<name>[A-Za-z_]\w*)|(?P<mark>\.\.\.|[{}()\[\]:$!=])"
)
_DEPTH = 50
_CONSTANTS = {"true": True, "false": False, "null": None}


class DocumentError(Exception):
    """A document that cannot be read; the message says what stands where it should not."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field that is asked for; `fields` are those of its value."""

    name: str
    alias: str
    arguments: Mapping[str, Any]
    fields: "tuple[Field, ...]"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of `kind` `query` or `mutation`."""

    kind: str
    fields: tuple[Field, ...]


def read(text: str, variables: Mapping[str, Any]) -> Operation:
    """Read a document of one operation, its variables filled in.

    Raises:
        DocumentError: It is of another form.
    """
    reader = _Reader(_tokens(text), variables)
    kind = reader.take() if reader.next in ("query", "mutation") else "query"
    if reader.next not in ("{", "("):
        reader.take()
    if reader.next == "(":
        reader.definitions()
    fields = reader.fields()
    if reader.next:
        raise DocumentError(f"Unexpected {reader.next!r}: one operation a document")
    return Operation(kind, fields)


def _tokens(text: str) -> list[str]:
    tokens, at = list[str](), 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise DocumentError(f"Unexpected character {text[at]!r}")
        at = found.end()
        if found.lastgroup != "skip":
            tokens.append(found.group())
    return tokens


class _Reader:
    def __init__(self, tokens: list[str], variables: Mapping[str, Any]) -> None:
        self._tokens, self._variables, self._at, self._depth = tokens, variables, 0, 0

    @property
    def next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def take(self, expected: str | None = None) -> str:
        found = self.next
        if not found or expected not in (None, found):
            raise DocumentError(f"Expected {expected or 'more'}, found {found or 'the end'}")
        self._at += 1
        return found

    def definitions(self) -> None:
        # Types of variables are the caller's business here; a default value is not needed by any field we have.
        while self.take() != ")":
            pass

    def fields(self) -> tuple[Field, ...]:
        self._depth += 1
        if self._depth > _DEPTH:
            raise DocumentError("The document is too deep")
        self.take("{")
        found = list[Field]()
        while self.next != "}":
            found.extend(self._inline() if self.next == "..." else [self._field()])
        self.take("}")
        self._depth -= 1
        return tuple(found)

    def _inline(self) -> tuple[Field, ...]:
        self.take("...")
        if self.next == "on":
            self.take("on")
            self.take()
        return self.fields()

    def _field(self) -> Field:
        alias = name = self.take()
        if self.next == ":":
            self.take(":")
            name = self.take()
        arguments = self._pairs("(", ")") if self.next == "(" else {}
        return Field(name, alias, arguments, self.fields() if self.next == "{" else ())

    def _pairs(self, begin: str, end: str) -> dict[str, Any]:
        self.take(begin)
        pairs = dict[str, Any]()
        while self.next != end:
            name = self.take()
            self.take(":")
            pairs[name] = self._value()
        self.take(end)
        return pairs

    def _value(self) -> Any:
        if self.next == "{":
            return self._pairs("{", "}")
        literal = self.take()
        if literal == "$":
            return self._variables.get(self.take())
        if literal in _CONSTANTS:
            return _CONSTANTS[literal]
        return json.loads(literal) if literal[0] in '"-0123456789' else literal

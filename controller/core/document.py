"""Document: a strange YAML file, read without being trusted, each value with the place where it stands.

YAML 1.2 core meaning (https://yaml.org/spec/1.2.2/#103-core-schema): `no` is text, `010` is ten. It is built from the
parser's events, since libyaml's own building is recursive, and 25 KB of `[` would end the process.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from yamlcore import CCoreLoader

from controller.core.mistake import explain
from controller.core.rejection import Rejection

MAX_BYTES = 64 * 1024
MAX_DEPTH = 16
MAX_EVENTS = 20_000
MAX_DIGITS = 18

Place = tuple[int, int]
Loc = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)

_CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff"
_LINE_BREAKS_OF_YAML_1_1 = r"\x85\u2028\u2029"
_DIRECTIONS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_FORBIDDEN = re.compile(f"[{_CONTROLS}{_LINE_BREAKS_OF_YAML_1_1}{_DIRECTIONS}]")
"""Control and direction characters let a file look other than it reads (https://trojansource.codes/)."""

_TEXT = "tag:yaml.org,2002:str"
_SYNTAX = {
    "mapping values are not allowed": "Indent it like the lines beside it; put quotes around a value that holds `: `.",
    "found character that cannot start": "Indent with spaces, never with tabs; put quotes around a value that begins with a sign.",
    "found unexpected end of stream": "Close the quotes that are open here.",
    "could not find expected ':'": "Write `key: value`.",
}


@dataclass(frozen=True)
class Document:
    """A file's value, and for each value in it the line and column (from 1) of its key or item."""

    path: str
    value: Any
    places: Mapping[Loc, Place] = field(repr=False)

    def place(self, loc: Loc) -> Place:
        """Where the longest known part of `loc` stands."""
        for end in range(len(loc), 0, -1):
            if loc[:end] in self.places:
                return self.places[loc[:end]]
        return self.places.get((), (1, 1))

    def reject(self, loc: Loc, problem: str, way_out: str) -> Rejection:
        """A rejection at `loc`."""
        line, column = self.place(loc)
        return Rejection(self.path, line, column, ".".join(map(str, loc)), problem, way_out)

    def into(self, model: type[Model]) -> Model | tuple[Rejection, ...]:
        """The document as `model`, or one rejection for each thing that does not fit."""
        try:
            return model.model_validate(self.value)
        except ValidationError as error:
            found = error.errors(include_url=False)
        for detail in found:
            detail["loc"] = self._written(detail["loc"], detail["type"])
        return tuple(self.reject(detail["loc"], *explain(detail, model)) for detail in found)

    def _written(self, loc: Loc, type_: str) -> Loc:
        """`loc` as the file has it, without what pydantic puts in between (names of a union's members, `[key]`)."""
        written: Loc = ()
        for index, part in enumerate(loc):
            is_absent = type_ == "missing" and index == len(loc) - 1
            if is_absent or (*written, part) in self.places:
                written = (*written, part)
        return written


def read_document(path: str, blob: bytes) -> Document | Rejection:
    """Read one YAML document, or say why it is refused; never raises, whatever the bytes are."""
    try:
        return _build(path, _decode(path, blob))
    except _Refused as refused:
        return refused.rejection
    except yaml.YAMLError as error:
        return _syntax(path, error)
    except (ValueError, OverflowError, RecursionError) as error:
        return Rejection(path, 1, 1, "", f"this cannot be read: {error}", "Write plain YAML.")


class _Refused(Exception):
    def __init__(self, rejection: Rejection) -> None:
        super().__init__(str(rejection))
        self.rejection = rejection


def _refuse(path: str, mark: Any, problem: str, way_out: str) -> NoReturn:
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    raise _Refused(Rejection(path, line, column, "", problem, way_out))


def _decode(path: str, blob: bytes) -> str:
    if len(blob) > MAX_BYTES:
        size = f"{len(blob):,} bytes"
        _refuse(path, None, f"the file is larger than 64 KiB ({size})", "Split it, or shorten its texts.")
    try:
        text = blob.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = blob.count(b"\n", 0, error.start) + 1
        raise _Refused(
            Rejection(path, line, 1, "", "this is not UTF-8 text", "Save the file as UTF-8.")
        ) from error
    bad = _FORBIDDEN.search(text)
    if bad:
        lines = text[: bad.start()].split("\n")
        raise _Refused(_invisible(path, (len(lines), len(lines[-1]) + 1), bad[0]))
    return text


def _invisible(path: str, place: Place, character: str) -> Rejection:
    problem = f"the invisible character U+{ord(character):04X} is not allowed"
    return Rejection(path, *place, "", problem, "Delete it: it makes a file look other than it reads.")


def _refuse_indirection(path: str, event: Any) -> NoReturn:
    mark = event.start_mark
    if isinstance(event, yaml.AliasEvent):
        _refuse(path, mark, "aliases (`*name`) are not allowed", "Write the value out.")
    if event.anchor:
        _refuse(path, mark, "anchors (`&name`) are not allowed", "Write the value out where it is used.")
    _refuse(path, mark, f"tags (`{event.tag}`) are not allowed", "Write the plain value.")


def _build(path: str, text: str) -> Document:
    loader = CCoreLoader(text)
    try:
        builder = _Builder(path, loader)
        return Document(path, builder.document(), builder.places)
    finally:
        loader.dispose()


class _Builder:
    """A value made of a parser's events, so that nothing is made of what must be refused: depth, size, indirection."""

    def __init__(self, path: str, loader: Any) -> None:
        self.places: dict[Loc, Place] = {}
        self._path, self._loader, self._count = path, loader, 0

    def document(self) -> Any:
        self._next()  # the stream's start
        if isinstance(self._next(), yaml.StreamEndEvent):
            _refuse(self._path, None, "the file is empty", "Write a request, or delete the file.")
        value = self._value(self._next(), (), 0)
        self._next()  # the document's end
        second = self._next()
        if not isinstance(second, yaml.StreamEndEvent):
            problem = "a second document starts here"
            _refuse(self._path, second.start_mark, problem, "Give each request its own file.")
        return value

    def _next(self) -> Any:
        event = self._loader.get_event()
        self._count += 1
        if self._count > MAX_EVENTS:
            problem = "the file has too many values"
            _refuse(self._path, event.start_mark, problem, "Split it into several requests.")
        return event

    def _value(self, event: Any, loc: Loc, depth: int) -> Any:
        if event.anchor or event.tag:
            _refuse_indirection(self._path, event)
        mark = event.start_mark
        self.places.setdefault(loc, (mark.line + 1, mark.column + 1))
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if depth == MAX_DEPTH:
            _refuse(self._path, mark, f"values are nested deeper than {MAX_DEPTH}", "Write it flat.")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(loc, depth + 1)
        return self._sequence(loc, depth + 1)

    def _mapping(self, loc: Loc, depth: int) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event, loc, entries)
            entries[key] = self._value(self._next(), (*loc, key), depth)
        return entries

    def _sequence(self, loc: Loc, depth: int) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._value(event, (*loc, len(items)), depth))
        return items

    def _key(self, event: Any, loc: Loc, entries: Mapping[str, Any]) -> str:
        mark = event.start_mark
        if event.anchor or event.tag:
            _refuse_indirection(self._path, event)
        if not isinstance(event, yaml.ScalarEvent):
            _refuse(self._path, mark, "a key must be plain text", "Write `key: value`.")
        key: str = event.value
        if key == "<<":
            _refuse(self._path, mark, "merge keys (`<<`) are not allowed", "Write the values out.")
        if key in entries:
            first = self.places[(*loc, key)][0]
            _refuse(
                self._path, mark, f"`{key}` stands here a second time (first in line {first})", "Keep one."
            )
        _refuse_invisible(self._path, event)
        self.places[(*loc, key)] = (mark.line + 1, mark.column + 1)
        return key

    def _scalar(self, event: Any) -> Any:
        text, mark = event.value, event.start_mark
        tag = self._loader.resolve(yaml.ScalarNode, text, event.implicit)
        if tag == _TEXT:
            _refuse_invisible(self._path, event)
            return text
        if tag.endswith(":int") and len(text) > MAX_DIGITS:
            problem = f"the number has more than {MAX_DIGITS} digits"
            _refuse(self._path, mark, problem, "Write a smaller one.")
        value = self._loader.construct_object(yaml.ScalarNode(tag, text, mark, mark))
        if isinstance(value, float) and not math.isfinite(value):
            _refuse(self._path, mark, "the number is not finite", "Write a smaller one.")
        return value


def _refuse_invisible(path: str, event: Any) -> None:
    """An escape in double quotes can write what the file itself may not hold."""
    bad = _FORBIDDEN.search(event.value) if event.style == '"' else None
    if bad:
        mark = event.start_mark
        raise _Refused(_invisible(path, (mark.line + 1, mark.column + 1), bad[0]))


def _syntax(path: str, error: yaml.YAMLError) -> Rejection:
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    problem = getattr(error, "problem", None) or "the file cannot be read"
    ways_out = (way_out for sign, way_out in _SYNTAX.items() if sign in problem)
    way_out = next(ways_out, "Check indentation, quotes and brackets here.")
    return Rejection(path, line, column, "", f"this is not YAML: {problem}", way_out)

"""Document: a strange YAML file, read without being trusted, each value with the place where it stands.

YAML 1.2 core meaning (https://yaml.org/spec/1.2.2/#103-core-schema): `no` is text, `010` is ten. The events are scanned
before anything is built, since building is recursive and 25 KB of `[` would end the process.
"""

import math
import unicodedata
from collections.abc import Iterator, Mapping
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

_LINE_BREAKS_OF_YAML_1_1 = "\x85\u2028\u2029"
_MARKS_OF_DIRECTION = "\u061c\u200e\u200f"
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
        text = _decode(path, blob)
        _scan(path, text)
        return _build(path, text)
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
    for number, line_text in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        for column, character in enumerate(line_text, 1):
            if _is_forbidden(character):
                raise _Refused(_invisible(path, (number, column), character))
    return text


def _is_forbidden(character: str) -> bool:
    """Control and direction characters let a file look other than it reads (https://trojansource.codes/)."""
    if character in "\t\n\r":
        return False
    return (
        unicodedata.category(character) in {"Cc", "Cs"}
        or character in _LINE_BREAKS_OF_YAML_1_1
        or character in _MARKS_OF_DIRECTION
        or unicodedata.bidirectional(character)
        in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    )


def _invisible(path: str, place: Place, character: str) -> Rejection:
    problem = f"the invisible character U+{ord(character):04X} is not allowed"
    return Rejection(path, *place, "", problem, "Delete it: it makes a file look other than it reads.")


def _scan(path: str, text: str) -> None:
    """Refuse by events what must never be built: depth, size, aliases, tags, a second document."""
    depth = documents = 0
    for count, event in enumerate(yaml.parse(text, Loader=CCoreLoader)):
        if count > MAX_EVENTS:
            _refuse(path, event.start_mark, "the file has too many values", "Split it into several requests.")
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            _refuse(path, event.start_mark, f"values are nested deeper than {MAX_DEPTH}", "Write it flat.")
        if documents > 1:
            _refuse(
                path, event.start_mark, "a second document starts here", "Give each request its own file."
            )
        _refuse_indirection(path, event)
    if not documents:
        _refuse(path, None, "the file is empty", "Write a request, or delete the file.")


def _refuse_indirection(path: str, event: Any) -> None:
    mark = event.start_mark
    if isinstance(event, yaml.AliasEvent):
        _refuse(path, mark, "aliases (`*name`) are not allowed", "Write the value out.")
    if getattr(event, "anchor", None):
        _refuse(path, mark, "anchors (`&name`) are not allowed", "Write the value out where it is used.")
    if getattr(event, "tag", None):
        _refuse(path, mark, f"tags (`{event.tag}`) are not allowed", "Write the plain value.")


def _build(path: str, text: str) -> Document:
    loader = CCoreLoader(text)
    try:
        root = loader.get_single_node()
        places: dict[Loc, Place] = {}
        value = _value(path, loader, root, (), places)
    finally:
        loader.dispose()
    return Document(path, value, places)


def _value(path: str, loader: Any, node: Any, loc: Loc, places: dict[Loc, Place]) -> Any:
    places.setdefault(loc, (node.start_mark.line + 1, node.start_mark.column + 1))
    if isinstance(node, yaml.MappingNode):
        return {
            key: _value(path, loader, child, (*loc, key), places)
            for key, child in _entries(path, node, loc, places)
        }
    if isinstance(node, yaml.SequenceNode):
        return [_value(path, loader, child, (*loc, index), places) for index, child in enumerate(node.value)]
    return _scalar(path, loader, node)


def _entries(
    path: str, node: yaml.MappingNode, loc: Loc, places: dict[Loc, Place]
) -> Iterator[tuple[str, Any]]:
    seen: dict[str, int] = {}
    for key_node, child in node.value:
        mark, key = key_node.start_mark, key_node.value
        if not isinstance(key_node, yaml.ScalarNode):
            _refuse(path, mark, "a key must be plain text", "Write `key: value`.")
        if key == "<<":
            _refuse(path, mark, "merge keys (`<<`) are not allowed", "Write the values out.")
        if key in seen:
            _refuse(path, mark, f"`{key}` stands here a second time (first in line {seen[key]})", "Keep one.")
        _refuse_invisible(path, mark, key)
        seen[key] = mark.line + 1
        places[(*loc, key)] = (mark.line + 1, mark.column + 1)
        yield key, child


def _scalar(path: str, loader: Any, node: yaml.ScalarNode) -> Any:
    if node.tag.endswith(":int") and len(node.value) > MAX_DIGITS:
        _refuse(
            path, node.start_mark, f"the number has more than {MAX_DIGITS} digits", "Write a smaller one."
        )
    value = loader.construct_object(node)
    if isinstance(value, float) and not math.isfinite(value):
        _refuse(path, node.start_mark, "the number is not finite", "Write a smaller one.")
    if isinstance(value, str):
        _refuse_invisible(path, node.start_mark, value)
    return value


def _refuse_invisible(path: str, mark: Any, text: str) -> None:
    """An escape in double quotes can write what the file itself may not hold."""
    bad = next((character for character in text if _is_forbidden(character)), None)
    if bad is not None:
        raise _Refused(_invisible(path, (mark.line + 1, mark.column + 1), bad))


def _syntax(path: str, error: yaml.YAMLError) -> Rejection:
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    problem = getattr(error, "problem", None) or "the file cannot be read"
    ways_out = (way_out for sign, way_out in _SYNTAX.items() if sign in problem)
    way_out = next(ways_out, "Check indentation, quotes and brackets here.")
    return Rejection(path, line, column, "", f"this is not YAML: {problem}", way_out)

"""HCL: a file of Terraform's language, read into blocks and expressions with their places; nothing is evaluated.

https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.core.hcl_code import UnreadableError
from controller.core.hcl_text import Text
from controller.core.rejection import Rejection

_ESCAPE = re.compile(r'\\(?:[nrt"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})')
_QUOTED = re.compile(rf'"((?:[^"\\\n]|{_ESCAPE.pattern})*)"')
_MEANT = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


@dataclass(frozen=True)
class Call:
    """A function that an expression calls, and where in the text its arguments stand.

    Calls stand in one another: were each to keep its arguments' text, they would keep it many times.
    """

    name: str
    line: int
    column: int
    text: str = field(repr=False)
    spans: tuple[tuple[int, int], ...]

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments as they are written."""
        return tuple(self.text[start:end].strip() for start, end in self.spans)


@dataclass(frozen=True)
class Expression:
    """An expression as it is written, the functions it calls at any depth, and its own items where it is an object.

    `bound` are the names that its `for`s give a meaning of their own.
    """

    text: str
    line: int
    column: int
    calls: tuple[Call, ...] = ()
    items: Mapping[str, "Expression"] = field(default_factory=dict)
    bound: frozenset[str] = frozenset()

    @property
    def literal(self) -> str | None:
        """The text of a plain string; None where anything would be evaluated."""
        return _unquoted(self.text)


@dataclass(frozen=True)
class Block:
    """A block, or a whole file as one without a type."""

    path: str
    line: int
    column: int
    type: str
    labels: tuple[str, ...]
    attributes: Mapping[str, Expression]
    blocks: tuple["Block", ...]

    @property
    def address(self) -> str:
        """`resource.aws_s3_bucket.this`."""
        return ".".join((self.type, *self.labels))

    def has(self, attribute: str, text: str) -> bool:
        """Whether an attribute is written just so."""
        return attribute in self.attributes and self.attributes[attribute].text == text

    def walk(self) -> Iterator["Block"]:
        """Every block in this one, at any depth, after itself."""
        yield self
        for block in self.blocks:
            yield from block.walk()

    def reject(self, problem: str, way_out: str, at: Expression | Call | None = None) -> Rejection:
        """A rejection at this block, or at something in it."""
        place = at or self
        return Rejection(self.path, place.line, place.column, self.address, problem, way_out)


def read_hcl(path: str, blob: bytes) -> Block | Rejection:
    """Read a `.tf` file or a lock file; never raises, whatever the bytes are."""
    text = Text.of(path, blob)
    if isinstance(text, Rejection):
        return text
    try:
        return _block(text, text.tree(), ())
    except UnreadableError as error:
        way_out = "`terraform fmt` stops at the same place, and says more."
        return text.reject(error, "this is not HCL", way_out)


def read_template(path: str, blob: bytes) -> tuple[Call, ...] | Rejection:
    """The functions that a template calls, which `templatefile` evaluates; never raises, whatever the bytes are.

    https://developer.hashicorp.com/terraform/language/functions/templatefile
    """
    text = Text.of(path, blob, before='_ = "')
    if isinstance(text, Rejection):
        return text
    try:
        return tuple(_calls(text, text.tree()))
    except UnreadableError as error:
        way_out = "Mend it; where a mere `${` or `%{` is meant, write `$${` or `%%{`."
        return text.reject(error, "this is no template", way_out)


def _block(text: Text, tree: Any, words: tuple[str, ...]) -> Block:
    """A block from its tree; `words` are its type and labels."""
    body = next(child for child in reversed(tree.children) if getattr(child, "data", "") == "body")
    parts = [part for part in body.children if hasattr(part, "data")]
    attributes = {
        _name(text, part.children[0]): _expression(text, part.children[-1])
        for part in parts
        if part.data == "attribute"
    }
    blocks = tuple(_block(text, part, _words(text, part)) for part in parts if part.data == "block")
    type_, labels = (words[0], words[1:]) if words else ("", ())
    return Block(text.path, *text.place(tree), type_, labels, attributes, blocks)


def _words(text: Text, block: Any) -> tuple[str, ...]:
    """The type and the labels of a block; Terraform takes no template in a label, and decodes its escapes."""
    return tuple(
        _word(text, child) for child in _named(block, "identifier", "keyword", "literal_value", "string")
    )


def _word(text: Text, tree: Any) -> str:
    written = text.written(tree)
    word = _unquoted(written) if tree.data == "string" else written
    if word is None:
        raise UnreadableError(f"`{written[:20]}` cannot be a label", text.span(tree)[0])
    return word


def _name(text: Text, tree: Any) -> str:
    written = text.written(tree)
    return _unquoted(written) or written


def _named(tree: Any, *names: str) -> list[Any]:
    return [child for child in tree.children if getattr(child, "data", "") in names]


def _expression(text: Text, tree: Any) -> Expression:
    items = {
        _name(text, element.children[0]): Expression(text.written(value), *text.place(value))
        for element in _elements(tree)
        for value in element.children[-1:]
    }
    calls, bound = tuple(_calls(text, tree)), frozenset(_bound(text, tree))
    return Expression(text.written(tree), *text.place(tree), calls, items, bound)


def _elements(tree: Any) -> Iterator[Any]:
    """The `key = value` trees of an object that is written out."""
    inner = tree.children[0] if tree.data == "expr_term" else tree
    if getattr(inner, "data", "") == "object":
        yield from _named(inner, "object_elem")


def _calls(text: Text, tree: Any) -> Iterator[Call]:
    for part in tree.find_data("function_call"):
        name = "::".join(text.written(child) for child in _named(part, "identifier"))
        given = [
            term for each in _named(part, "arguments") for term in each.children if hasattr(term, "data")
        ]
        spans = [text.span(term) for term in given if term.data != "new_line_or_comment"]
        yield Call(name, *text.place(part), text.content, tuple(spans))


def _bound(text: Text, tree: Any) -> Iterator[str]:
    for part in tree.find_pred(lambda part: part.data in {"for_intro", "template_for_start"}):
        yield from (text.written(child) for child in _named(part, "identifier"))


def _unquoted(written: str) -> str | None:
    """What a quoted text says; None where anything in it would be evaluated, or looks as if it would."""
    quoted = _QUOTED.fullmatch(written)
    if not quoted or "${" in written or "%{" in written:
        return None
    try:
        said = _ESCAPE.sub(_decoded, quoted[1])
        said.encode()
    except (ValueError, OverflowError):  # no such character
        return None
    return said


def _decoded(escape: re.Match[str]) -> str:
    number = escape[0][2:]
    return chr(int(number, 16)) if number else _MEANT[escape[0][1]]

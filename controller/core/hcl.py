"""HCL: a file of Terraform's language, read into blocks and expressions with their places; nothing is evaluated.

https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from controller.core.rejection import Rejection

_HEREDOCS = frozenset({"HEREDOC_TEMPLATE", "HEREDOC_TEMPLATE_TRIM"})
_TEMPLATE = re.compile(r"(?<![$%])[$%]\{~?")
_DIRECTIVE = re.compile(r"\s*(?:if|for\b.*?\bin)\b(.*)|\s*(?:else|endif|endfor)\s*", re.DOTALL)
_CALL = re.compile(r"([A-Za-z_][\w-]*)\s*\(")


@dataclass(frozen=True)
class Call:
    """A function that an expression calls, and its arguments as they are written."""

    name: str
    arguments: tuple[str, ...]
    line: int
    column: int


@dataclass(frozen=True)
class Expression:
    """An expression as it is written, the functions it calls at any depth, and its own items where it is an object."""

    text: str
    line: int
    column: int
    calls: tuple[Call, ...]
    items: Mapping[str, "Expression"]

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
    try:
        text = blob.decode()
        return _block(path, text, _parse(text), ())
    except UnicodeDecodeError as error:
        line = blob.count(b"\n", 0, error.start) + 1
        return Rejection(path, line, 1, "", "this is not UTF-8 text", "Save the file as UTF-8.")
    except RecursionError:
        return Rejection(path, 1, 1, "", "blocks or values are nested too deep", "Write it flat.")
    except _Unreadable as unreadable:
        way_out = "`terraform fmt` stops at the same place, and says more."
        return Rejection(
            path, unreadable.line, unreadable.column, "", f"this is not HCL: {unreadable}", way_out
        )


class _Unreadable(Exception):
    def __init__(self, problem: str, line: int, column: int) -> None:
        super().__init__(problem)
        self.line, self.column = max(line, 1), max(column, 1)


def _parse(text: str) -> Any:
    """The tree of a text; the library is loaded here since most commands never read a module, and it takes 0.2 s."""
    from hcl2 import parses_to_tree  # noqa: PLC0415 -- as said above
    from lark.exceptions import UnexpectedInput  # noqa: PLC0415

    try:
        return parses_to_tree(text)
    except UnexpectedInput as error:
        token = getattr(error, "token", None)
        shown = str(token or getattr(error, "char", "")).strip().split("\n")[0][:20]
        problem = f"`{shown}` cannot stand here" if shown else "the line ends too early"
        if getattr(token, "type", "") == "$END":
            problem = "a bracket, a brace or a quote is still open at its end"
        raise _Unreadable(problem, error.line, error.column) from error


def _block(path: str, text: str, tree: Any, words: tuple[str, ...]) -> Block:
    """A block from its tree; `words` are its type and labels."""
    body = next(child for child in reversed(tree.children) if getattr(child, "data", "") == "body")
    parts = [part for part in body.children if hasattr(part, "data")]
    attributes = {
        _word(part.children[0]): _expression(text, part.children[-1])
        for part in parts
        if part.data == "attribute"
    }
    blocks = tuple(_block(path, text, part, _words(part)) for part in parts if part.data == "block")
    type_, labels = (words[0], words[1:]) if words else ("", ())
    return Block(path, *_place(tree), type_, labels, attributes, blocks)


def _words(block: Any) -> tuple[str, ...]:
    named = {"identifier", "keyword", "literal_value", "string"}
    return tuple(_word(child) for child in block.children if getattr(child, "data", "") in named)


def _word(tree: Any) -> str:
    written = "".join(str(token) for token in tree.scan_values(lambda _: True))
    return _unquoted(written) or written


def _place(tree: Any) -> tuple[int, int]:
    return getattr(tree.meta, "line", 1), getattr(tree.meta, "column", 1)


def _expression(text: str, tree: Any) -> Expression:
    items = {
        _word(element.children[0]): Expression(_written(text, value), *_place(value), (), {})
        for element in _elements(tree)
        for value in element.children[-1:]
    }
    return Expression(_written(text, tree), *_place(tree), tuple(_calls(text, tree)), items)


def _elements(tree: Any) -> Iterator[Any]:
    """The `key = value` trees of an object that is written out."""
    inner = tree.children[0] if tree.data == "expr_term" else tree
    if getattr(inner, "data", "") == "object":
        yield from (part for part in inner.children if getattr(part, "data", "") == "object_elem")


def _written(text: str, tree: Any) -> str:
    return text[tree.meta.start_pos : tree.meta.end_pos].strip()


def _calls(text: str, tree: Any) -> Iterator[Call]:
    for part in tree.iter_subtrees_topdown():
        if part.data == "function_call":
            name = "::".join(
                _word(child) for child in part.children if getattr(child, "data", "") == "identifier"
            )
            given = [child for child in part.children if getattr(child, "data", "") == "arguments"]
            terms = [each for each in given[0].children if hasattr(each, "data")] if given else []
            arguments = [_written(text, term) for term in terms if term.data != "new_line_or_comment"]
            yield Call(name, tuple(arguments), *_place(part))
        for token in part.children:
            if getattr(token, "type", "") in _HEREDOCS:
                yield from _calls_of_heredoc(str(token), token.line)


def _calls_of_heredoc(heredoc: str, line: int) -> Iterator[Call]:
    """The grammar takes a heredoc as one token: what it would evaluate is read here."""
    end = 0
    for match in _TEMPLATE.finditer(heredoc):
        if match.start() < end:
            continue
        end = _closing(heredoc, match.end())
        source = heredoc[match.end() : end].strip("~")
        directive = _DIRECTIVE.fullmatch(source) if match[0].startswith("%") else None
        here = line + heredoc.count("\n", 0, match.start())
        yield from _calls_of_source((directive[1] or "") if directive else source, here)


def _closing(text: str, start: int) -> int:
    """Where the brace is closed that was opened before `start`; braces in quotes are text."""
    depth, is_quoted, is_escaped = 1, False, False
    for position, character in enumerate(text[start:], start):
        if character == '"' and not is_escaped:
            is_quoted = not is_quoted
        elif not is_quoted:
            depth += {"{": 1, "}": -1}.get(character, 0)
        if depth == 0:
            return position
        is_escaped = character == "\\" and not is_escaped
    return len(text)


def _calls_of_source(source: str, line: int) -> Iterator[Call]:
    if not source.strip():
        return
    text = f"_ = (\n{source}\n)"
    try:
        tree = _parse(text)
    except _Unreadable:  # what looks like a call is taken for one
        yield from (Call(match[1], (), line, 1) for match in _CALL.finditer(source))
        return
    yield from (Call(call.name, call.arguments, line, 1) for call in _calls(text, tree))


def _unquoted(text: str) -> str | None:
    if not text.startswith('"') or re.search(r"(?<![$%])[$%]\{", text):
        return None
    try:
        return str(json.loads(text))
    except ValueError:
        return None

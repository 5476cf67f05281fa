"""Markdown as GitHub renders it, safely: https://github.github.com/gfm/ and https://docs.github.com/get-started/writing-on-github."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import nh3
from markupsafe import Markup

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

Refer = Callable[[str], str | None]

_TAGS = {
    "a", "b", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5",
    "h6", "hr", "i", "input", "ins", "kbd", "li", "ol", "p", "pre", "s", "samp", "span", "strike", "strong", "sub",
    "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "ul", "var",
}  # fmt: skip
# What lies in these is no text.
_HIDDEN = {"iframe", "math", "noscript", "script", "style", "svg", "template", "textarea", "title"}
_ATTRIBUTES = {
    "*": {"align", "class", "title"},
    "a": {"href"},
    "details": {"open"},
    "input": {"checked"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
# Whatever field somebody writes, a box to tick is what becomes of it, and one that cannot be ticked.
_FIELD = {"input": {"type": "checkbox", "disabled": ""}}
_CLASS = re.compile(
    r"language-[\w+#.-]+|markdown-alert(-\w+)?|(contains-)?task-list(-item)?|task-list-item-checkbox"
)
_REFERENCE = re.compile(
    r"(?<![\w@#/.-])(@[\w-]+(?:/[\w-]+)?(?:\[bot])?|(?:[\w.-]+/[\w.-]+)?#\d+|[0-9a-f]{7,40})(?![\w/-])"
)
_SHORT = 7


def comment(text: str, refer: Refer) -> Markup:
    """Render what somebody said; there every line break is kept.

    Args:
        text: Markdown, with whatever HTML somebody put into it.
        refer: The address of what a word (`@login`, `#3`, a commit's sha) names; None where it names nothing.

    Returns:
        HTML of known tags and attributes only, every one of them closed; no images, scripts, styles or comments.
    """
    return _clean(_parser(breaks=True).render(text, {"refer": refer}), lambda _: None)


def document(text: str, folder: str) -> Markup:
    """Render a file, whose relative links begin at the address of its folder."""
    html = _parser(breaks=False).render(text, {"refer": lambda _: None})
    return _clean(html, lambda address: urljoin(folder, address))


def _clean(html: str, relative: Refer) -> Markup:
    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=_HIDDEN,
        attributes=_ATTRIBUTES,
        attribute_filter=_harmless,
        set_tag_attribute_values=_FIELD,
        url_schemes={"http", "https", "mailto"},
        url_relative=lambda address: address if address[:1] in ("#", "/") else relative(address),
        link_rel="nofollow",
    )
    return Markup(cleaned)  # noqa: S704 this is where it is made harmless


def _harmless(_tag: str, name: str, value: str) -> str | None:
    if name != "class":
        return value
    return " ".join(one for one in value.split() if _CLASS.fullmatch(one)) or None


@cache
def _parser(*, breaks: bool) -> "MarkdownIt":
    # The box starts without them.
    from markdown_it import MarkdownIt  # noqa: PLC0415
    from mdit_py_plugins.gfm_autolink import gfm_autolink_plugin  # noqa: PLC0415

    options = {"html": True, "breaks": breaks, "tasklists": True, "alerts": True}
    parser = MarkdownIt("commonmark", options).enable(["table", "strikethrough"]).use(gfm_autolink_plugin)
    parser.core.ruler.push("references", _refer)
    return parser


def _refer(state: "StateCore") -> None:
    for block in state.tokens:
        # The parser aligns a column by a style, GitHub by an attribute.
        style = str(block.attrs.pop("style", ""))
        if style:
            block.attrs["align"] = style.removeprefix("text-align:")
        if block.type == "inline":
            block.children = list(_referred(state, block.children or []))


def _referred(state: "StateCore", tokens: "list[Token]") -> "Iterator[Token]":
    depth = 0
    for token in tokens:
        depth += _opens_link(token)
        if token.type == "text" and depth <= 0:
            yield from _words(state, token)
        else:
            yield token


def _opens_link(token: "Token") -> int:
    if token.type == "html_inline":
        return (
            1
            if re.match(r"<a[\s>]", token.content, re.IGNORECASE)
            else -token.content.lower().startswith("</a")
        )
    return token.nesting if token.type in ("link_open", "link_close") else 0


def _words(state: "StateCore", token: "Token") -> "Iterator[Token]":
    from markdown_it.token import Token  # noqa: PLC0415 the box starts without it

    for number, piece in enumerate(_REFERENCE.split(token.content)):
        address = state.env["refer"](piece) if number % 2 else None
        sha = bool(address) and not {"@", "#"} & set(piece)
        text = Token("code_inline" if sha else "text", "code" if sha else "", 0)
        text.content = piece[:_SHORT] if sha else piece
        if address:
            yield Token("link_open", "a", 1, attrs={"href": address})
        yield text
        if address:
            yield Token("link_close", "a", -1)

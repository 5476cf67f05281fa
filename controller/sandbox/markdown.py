"""Markdown as GitHub renders it, safely: https://github.github.com/gfm/ and https://docs.github.com/get-started/writing-on-github."""

import html
from html.parser import HTMLParser

from markdown_it import MarkdownIt

_TAGS = frozenset(
    [
        "a",
        "b",
        "blockquote",
        "br",
        "code",
        "dd",
        "del",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "ins",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "samp",
        "span",
        "strike",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "ul",
        "var",
    ]
)
_VOID = frozenset({"br", "hr"})
# What lies in these is no text.
_HIDDEN = frozenset({"script", "style", "title", "textarea", "iframe", "noscript", "template", "svg", "math"})
_ATTRIBUTES = frozenset({"align", "colspan", "open", "rowspan", "start", "title"})
_SCHEMES = ("http://", "https://", "mailto:", "#", "/")
_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def render(text: str) -> str:
    """Render a comment.

    Args:
        text: Markdown, with whatever HTML somebody put into it.

    Returns:
        HTML of known tags and attributes only, every one of them closed; no images, scripts, styles or comments.
    """
    cleaner = _Cleaner()
    cleaner.feed(_PARSER.render(text))
    cleaner.close()
    return cleaner.result()


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._open: list[str] = []
        self._hidden = 0

    def result(self) -> str:
        return "".join(self._pieces + [f"</{tag}>" for tag in reversed(self._open)])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN
        if self._hidden or tag not in _TAGS:
            return
        kept = "".join(
            f' {name}="{html.escape(value or "")}"' for name, value in attrs if _harmless(tag, name, value)
        )
        self._pieces.append(f"<{tag}{kept}>")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN and self._hidden:
            self._hidden -= 1
        # A tag that is not open would close one of the page's own.
        if self._hidden or tag not in self._open:
            return
        while (last := self._open.pop()) != tag:
            self._pieces.append(f"</{last}>")
        self._pieces.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._pieces.append(html.escape(data, quote=False))


def _harmless(tag: str, name: str, value: str | None) -> bool:
    if tag == "a" and name == "href":
        return (value or "").strip().lower().startswith(_SCHEMES)
    return name in _ATTRIBUTES

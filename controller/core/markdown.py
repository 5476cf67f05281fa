"""Text from strangers (requests, providers, Terraform) as inert GitHub-flavoured Markdown.

Nothing that passes here can mention a person, link, load an image, close an issue, or break out of a code span, a table,
a fence or `<details>` (https://github.github.com/gfm/).
"""

import re
import unicodedata
from urllib.parse import quote

_ZERO_WIDTH_SPACE = "\u200b"
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>!|~&$])")
_LIST = re.compile(r"^([0-9]*)(?=[-+=]|(?<=[0-9])[.)])")
"""What begins a list or underlines a heading, at the start of a line."""
_LIVE = re.compile(r"@|#|:(?=//)|www(?=\.)|gh(?=-[0-9])|mailto(?=:)|xmpp(?=:)", re.IGNORECASE)
"""Where GitHub would begin a mention, a reference or a link; a space of no width behind it stops that."""

_LOGIN = re.compile(r"[A-Za-z0-9](-?[A-Za-z0-9]){0,38}(\[bot\])?")
"""What GitHub takes as the name of an account."""
_ADDRESS = "/:?#@!$&'*+,;=%~"


def code(text: object, limit: int = 200) -> str:
    """Text as one code span, also inside a table: one line, at most `limit` characters."""
    line = _one_line(str(text), limit)
    ticks = "`" * (_longest_run(line) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{ticks}{pad}{line.replace('|', chr(92) + '|')}{pad}{ticks}"


def prose(text: object, limit: int = 2_000) -> str:
    """A sentence of ours that quotes strangers in `code spans`: the spans stay spans, all else is made plain."""
    parts = _one_line(str(text), limit).split("`")
    spans = len(parts) // 2 if len(parts) % 2 else (len(parts) - 1) // 2
    shown = []
    for index, part in enumerate(parts):
        is_span = index % 2 == 1 and index // 2 < spans
        shown.append(code(part) if is_span and part else _escape(part))
    return _LIST.sub(r"\1\\", "".join(shown).strip())


def plain(text: object, limit: int = 2_000) -> str:
    """Text in which no character has a meaning to Markdown or to GitHub."""
    return _LIST.sub(r"\1\\", _escape(_one_line(str(text), limit)))


def mention(login: str) -> str:
    """A person, who hears of the comment by it; what cannot be a login calls nobody."""
    return f"@{login}" if _LOGIN.fullmatch(login) else code(login)


def address(url: str) -> str:
    """An address as a link's target: nothing in it ends the link (https://github.github.com/gfm/#link-destination)."""
    return quote(url, safe=_ADDRESS)


def _escape(line: str) -> str:
    unlinked = _LIVE.sub(rf"\g<0>{_ZERO_WIDTH_SPACE}", line)
    return _SPECIAL.sub(r"\\\1", unlinked)


def fence(text: str, language: str = "") -> str:
    """Text in a fence that it cannot close: one backtick more than its longest run."""
    clean = "".join(character for character in text if character in "\n\t" or not _is_control(character))
    ticks = "`" * max(3, _longest_run(clean) + 1)
    return f"{ticks}{language}\n{clean.strip(chr(10))}\n{ticks}"


def hidden(data: str) -> str:
    """Text that may stand inside an HTML comment."""
    return data.replace("--", "\\u002d\\u002d")


def _one_line(text: str, limit: int) -> str:
    """At most so many characters in one line; of a long text no more is looked at than may be needed."""
    start = text[: 4 * limit]
    line = " ".join("".join(" " if _is_control(character) else character for character in start).split())
    if len(line) <= limit and len(start) == len(text):
        return line
    return line[: limit - 1] + "…"


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)

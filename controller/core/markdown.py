"""Text from strangers (requests, providers, Terraform) as inert GitHub-flavoured Markdown.

Nothing that passes here can mention a person, link, load an image, close an issue, or break out of a code span, a table,
a fence or `<details>` (https://github.github.com/gfm/).
"""

import re
import unicodedata

_ZERO_WIDTH_SPACE = "\u200b"
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&@:/])")


def code(text: object, limit: int = 80) -> str:
    """Text as one code span, also inside a table: one line, at most `limit` characters."""
    line = _one_line(str(text))
    if len(line) > limit:
        line = line[: limit - 1] + "…"
    ticks = "`" * (_longest_run(line) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{ticks}{pad}{line.replace('|', chr(92) + '|')}{pad}{ticks}"


def prose(text: object) -> str:
    """A sentence of ours that quotes strangers in `code spans`: the spans stay spans, all else is made plain."""
    parts = _one_line(str(text)).split("`")
    spans = len(parts) // 2 if len(parts) % 2 else (len(parts) - 1) // 2
    shown = []
    for index, part in enumerate(parts):
        is_span = index % 2 == 1 and index // 2 < spans
        shown.append(code(part) if is_span and part else _escape(part))
    return "".join(shown)


def plain(text: object) -> str:
    """Text in which no character has a meaning to Markdown or to GitHub."""
    return _escape(_one_line(str(text)))


def _escape(line: str) -> str:
    escaped = _SPECIAL.sub(r"\\\1", line)
    for sign in ("@", "#"):
        escaped = escaped.replace(f"\\{sign}", f"{sign}{_ZERO_WIDTH_SPACE}")
    return re.sub(r"\\([.()\-:/+])", r"\1", escaped.replace("://", f":{_ZERO_WIDTH_SPACE}//"))


def fence(text: str, language: str = "") -> str:
    """Text in a fence that it cannot close: one backtick more than its longest run."""
    clean = "".join(character for character in text if character in "\n\t" or not _is_control(character))
    ticks = "`" * max(3, _longest_run(clean) + 1)
    return f"{ticks}{language}\n{clean.strip(chr(10))}\n{ticks}"


def hidden(data: str) -> str:
    """Text that may stand inside an HTML comment."""
    return data.replace("--", "\\u002d\\u002d")


def _one_line(text: str) -> str:
    return " ".join("".join(" " if _is_control(character) else character for character in text).split())


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)

"""Code: what of a text Terraform evaluates; all else is blanked, so that a grammar finds only code to read.

A string or a heredoc comes out as a string of `_` with its templates in it, a comment as spaces, and every character keeps
its place. It goes by the modes of Terraform's own scanner, and refuses what that might take for something else.

https://github.com/hashicorp/hcl/blob/main/hclsyntax/scan_tokens.rl
"""

import re

MAX_DEPTH = 100
MAX_BLANKS = 1_000

_CODE = re.compile(
    r"""(?P<comment>(?:\#|//)[^\n]*|/\*.*?\*/)
    |(?P<heredoc><<-?(?P<marker>[A-Za-z_][\w-]*)\r?\n)
    |(?P<quote>")
    |(?P<open>[{(\[])
    |(?P<close>~?\}|[)\]])
    |(?P<newline>\n)
    |(?P<odd><<|/\*|\\|~)
    |(?P<plain>[^"\#/<{}()\[\]~\n\\]+|.)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_ESCAPES = r"\$\$\{|%%\{|[$%](?!\{)"
_TEMPLATE = r"|(?P<template>[$%]\{~?)"
_QUOTED = re.compile(rf'(?P<text>(?:{_ESCAPES}|\\.|[^"\\$%\n])++){_TEMPLATE}|(?P<end>")')
_HEREDOC = re.compile(rf"(?P<text>(?:{_ESCAPES}|[^$%\n])++){_TEMPLATE}|(?P<line>\n)")
_BARE = re.compile(rf"(?P<text>(?:{_ESCAPES}|[^$%])++){_TEMPLATE}")
_PATTERNS = {'"': _QUOTED, "template": _BARE, **dict.fromkeys(["", "{", "${", "(", "["], _CODE)}
_CLOSING = {"{": "}", "${": "}", "(": ")", "[": "]", '"': '"'}
_HIDING = re.compile(rf"(?<!\s)\s{{{MAX_BLANKS + 1}}}")
_CORE = re.compile(r"(?<![\w:-])core::")
_RETURN = re.compile(r"\r(?!\n)")


class UnreadableError(Exception):
    """A text that cannot surely be read, where, and the way out; None where HCL itself does not allow it."""

    def __init__(self, problem: str, at: int, way_out: str | None = None) -> None:
        super().__init__(problem)
        self.problem, self.at, self.way_out = problem, at, way_out


def code_of(text: str, *, is_template: bool = False) -> str:
    """The code of a `.tf` file, or of the insides of a template, as a text of the same length.

    Raises:
        UnreadableError: where it is not sure what Terraform would take for code.
    """
    if blanks := _HIDING.search(text):
        problem = (
            f"more than {MAX_BLANKS:,} blanks follow one another, and nobody sees what stands behind them"
        )
        raise UnreadableError(problem, blanks.start(), "Delete them.")
    if single := _RETURN.search(text):
        raise UnreadableError("a carriage return ends no line", single.start(), "Save the file with LF.")
    code = _Scanner(text, "template" if is_template else "").scan()
    return _CORE.sub(" " * len("core::"), code)  # `core::file` is `file`, and the grammar does not know it


class _Scanner:
    """Its stack holds what is open, the innermost last: a bracket, `${`, a quote, or a heredoc by its marker."""

    def __init__(self, text: str, outermost: str) -> None:
        self._text, self._at = text, 0
        self._open, self._code = [outermost], list[str]()

    def scan(self) -> str:
        while self._at < len(self._text):
            found = _PATTERNS.get(self._open[-1], _HEREDOC).match(self._text, self._at)
            if not found:
                raise UnreadableError("the line ends too early", self._at)
            self._take(found)
        if len(self._open) > 1:
            raise UnreadableError("a bracket, a brace or a quote is still open at its end", self._at)
        return "".join(self._code)

    def _take(self, found: re.Match[str]) -> None:
        match found.lastgroup:
            case "plain":
                self._put(found[0])
            case "comment":
                self._put(" " * len(found[0]))
            case "newline":
                self._put("\n" if self._open[-1] in {"", "{"} else " ")
            case "quote" | "open":
                self._enter(found[0], found[0])
            case "template":
                self._enter("${", found[0].replace("~", " "))
            case "heredoc":
                self._enter(f"<<{found['marker']}", '"' + "_" * (len(found[0]) - 1))
                self._end_heredoc()
            case "close" | "end":
                self._leave(found[0])
            case "odd":
                raise UnreadableError(f"`{found[0]}` cannot stand here", self._at)
            case kind:
                self._put("_" * len(found[0]))
                if kind == "line":
                    self._end_heredoc()

    def _put(self, code: str) -> None:
        self._code.append(code)
        self._at += len(code)

    def _enter(self, opened: str, code: str) -> None:
        if len(self._open) > MAX_DEPTH:
            problem = f"this is nested too deep: {MAX_DEPTH} brackets and quotes in one another are the most"
            raise UnreadableError(problem, self._at, "Write it flat, or name a part of it in `locals`.")
        self._open.append(opened)
        self._put(code)

    def _leave(self, bracket: str) -> None:
        opened = self._open[-1]
        if _CLOSING.get(opened) != bracket[-1] or (bracket[0] == "~" and opened != "${"):
            raise UnreadableError(f"`{bracket}` cannot stand here", self._at)
        self._open.pop()
        self._put(bracket.replace("~", " "))

    def _end_heredoc(self) -> None:
        """End it if the line that starts here is its marker; Terraform knows blanks that Python does not, and the other way round."""
        end = self._text.find("\n", self._at)
        line = self._text[self._at : None if end < 0 else end]
        marker = self._open[-1].removeprefix("<<")
        if line.strip() != marker:
            return
        if end < 0 or line.strip(" \t\r") != marker:
            problem = f"the heredoc's last line must be `{marker}` and nothing else"
            raise UnreadableError(problem, self._at, "Delete what stands beside it, and end the line.")
        self._open.pop()
        self._put("_" * (len(line.removesuffix("\r")) - 1) + '"')

"""Text: what a file of Terraform's language, or a template, holds: its tree, and where and how things are written in it."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

from controller.core.hcl_code import UnreadableError, code_of
from controller.core.rejection import Rejection


@dataclass(frozen=True)
class Text:
    """A text, where its lines start, and what makes HCL of it: before a template, the start of a string.

    Trees are the library's, and have places of their own; each question about one is answered in this text's places.
    """

    path: str
    content: str
    starts: tuple[int, ...]
    before: str

    @classmethod
    def of(cls, path: str, blob: bytes, before: str = "") -> "Text | Rejection":
        """The text of a file; a rejection where it is none."""
        try:
            content = blob.decode()
        except UnicodeDecodeError as error:
            line = blob.count(b"\n", 0, error.start) + 1
            return Rejection(path, line, 1, "", "this is not UTF-8 text", "Save the file as UTF-8.")
        starts = (0, *(newline.end() for newline in re.finditer("\n", content)))
        return cls(path, content, starts, before)

    def tree(self) -> Any:
        """The tree of its code; the library is loaded here since most commands never read a module, and it takes 0.2 s.

        Raises:
            UnreadableError: where it is no HCL, or not surely what Terraform makes of it.
        """
        from hcl2 import parses_to_tree  # noqa: PLC0415 -- as said above
        from lark.exceptions import UnexpectedInput  # noqa: PLC0415

        code = code_of(self.content, is_template=bool(self.before))
        try:
            return parses_to_tree(f'{self.before}{code}"' if self.before else code)
        except UnexpectedInput as error:
            at = (getattr(error, "pos_in_stream", None) or 0) - len(self.before)
            length = len(getattr(error, "token", None) or "x")
            shown = self.content[max(at, 0) : at + length].strip().split("\n")[0][:20]
            problem = f"`{shown}` cannot stand here" if shown else "the line ends too early"
            raise UnreadableError(problem, at) from error

    def span(self, tree: Any) -> tuple[int, int]:
        """From where to where a tree stands."""
        start, end = getattr(tree.meta, "start_pos", 0), getattr(tree.meta, "end_pos", 0)
        return start - len(self.before), end - len(self.before)

    def place(self, tree: Any) -> tuple[int, int]:
        """The line and the column where a tree starts."""
        return self._place(self.span(tree)[0])

    def written(self, tree: Any) -> str:
        """A tree as it is written."""
        start, end = self.span(tree)
        return self.content[start:end].strip()

    def reject(self, error: UnreadableError, what: str, way_out: str) -> Rejection:
        """The rejection for what cannot be read; `what` it is not, and its way out, where the error has none of its own."""
        if error.way_out is not None:
            return Rejection(self.path, *self._place(error.at), "", error.problem, error.way_out)
        return Rejection(self.path, *self._place(error.at), "", f"{what}: {error.problem}", way_out)

    def _place(self, at: int) -> tuple[int, int]:
        line = bisect_right(self.starts, max(at, 0))
        return line, max(at, 0) - self.starts[line - 1] + 1

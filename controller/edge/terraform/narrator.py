"""Tell the log what a step prints, as it prints it."""

import logging
from collections.abc import Callable
from pathlib import Path

_LOG = logging.getLogger(__name__)


class Narrator:
    """Follows files that a step writes, and hands their complete lines on in readable form.

    The log is the ledger's, and may fail: what it did not take is offered again with the next lines, and no step ends
    for it.
    """

    def __init__(self, log: Callable[[str], None], readable: Callable[[str], str]) -> None:
        self._log = log
        self._readable = readable
        self._read: dict[Path, int] = {}
        self._pending = ""

    def tell(self, *files: Path, last: bool = False) -> None:
        """Tell what is new; with `last` also a line that has no end yet."""
        for file in files:
            self._pending += self._new(file, last=last)
        if self._pending:
            self._offer()

    def _new(self, file: Path, *, last: bool) -> str:
        begin = self._read.get(file, 0)
        with file.open("rb") as stream:
            stream.seek(begin)
            news = stream.read()
        complete = news if last else news[: news.rfind(b"\n") + 1]
        self._read[file] = begin + len(complete)
        # Not `splitlines`: Terraform's JSON holds U+0085, a line's end to Python, as it is.
        lines = (self._readable(line) for line in complete.decode(errors="replace").split("\n"))
        return "".join(f"{line}\n" for line in lines if line)

    def _offer(self) -> None:
        try:
            self._log(self._pending)
        except Exception:  # noqa: BLE001 -- whatever it is, Terraform must be brought to its end
            _LOG.warning("a run's log cannot be written now", exc_info=True)
        else:
            self._pending = ""

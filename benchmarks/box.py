"""How fast GitHub in a box starts, and reads a pull when there are many.

    python benchmarks/box.py [PULLS]

Prints seconds and milliseconds, and exits 1 where a start takes 1 s or more, the median of reading a pull 10 ms or more,
or a read among many pulls more than twice as long as among few.
"""

import base64
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from controller.sandbox.box import REPOSITORY, Box

START_LIMIT_S = 1.0
READ_LIMIT_MS = 10.0
READS = 200
FEW = 10


def main() -> int:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    start = statistics.median(start_seconds() for _ in range(5))
    with (
        tempfile.TemporaryDirectory() as folder,
        Box(Path(folder), seed_files={"README.md": b"Hello\n"}) as box,
    ):
        user = Client(box)
        user.pulls(FEW)
        few, few_pages = user.read_ms(), user.page_ms()
        user.pulls(many - FEW)
        reads, pages = user.read_ms(), user.page_ms()
    print(f"start of the process: median {start:.2f} s of 5")
    print(f"read a pull: median {few:.1f} ms among {FEW} pulls, {reads:.1f} ms among {many:,}")
    print(f"its page: median {few_pages:.1f} ms among {FEW} pulls, {pages:.1f} ms among {many:,}")
    return 0 if start < START_LIMIT_S and reads < READ_LIMIT_MS and reads < 2 * few + 1 else 1


def start_seconds() -> float:
    """How long after its start a box says where it is, which it says when it answers."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        argv = (sys.executable, "-m", "controller.sandbox", "--dir", folder)
        with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            took = time.monotonic() - began
            process.terminate()
        return took


class Client:
    """One person on one connection."""

    def __init__(self, box: Box) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(box.url).netloc, timeout=30)
        self._headers = {"Authorization": f"Bearer {box.tokens['requester']}", "User-Agent": "bench"}
        self._last = 0

    def pulls(self, count: int) -> None:
        """Open so many pulls, each with a file of its own and a comment."""
        tip = self._ask("GET", "/git/ref/heads/main")["object"]["sha"]
        for _ in range(count):
            name = f"branch-{self._last + 1}"
            self._ask("POST", "/git/refs", {"ref": f"refs/heads/{name}", "sha": tip})
            content = base64.b64encode(name.encode()).decode()
            self._ask("PUT", f"/contents/files/{name}", {"message": name, "content": content, "branch": name})
            self._last = self._ask("POST", "/pulls", {"title": name, "head": name, "base": "main"})["number"]
            self._ask("POST", f"/issues/{self._last}/comments", {"body": "A comment.\n" * 20})

    def read_ms(self) -> float:
        """The median of reading pulls, each another one."""
        return self._median(lambda number: self._ask("GET", f"/pulls/{number}"))

    def page_ms(self) -> float:
        """The median of reading their pages."""
        return self._median(lambda number: self._raw("GET", f"/{REPOSITORY}/pull/{number}"))

    def _median(self, read: Callable[[int], Any]) -> float:
        times = []
        for turn in range(READS):
            began = time.perf_counter()
            read(1 + turn * 7 % self._last)
            times.append((time.perf_counter() - began) * 1000)
        return statistics.median(times)

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        return json.loads(self._raw(method, f"/api/v3/repos/{REPOSITORY}{path}", body))

    def _raw(self, method: str, path: str, body: object = None) -> bytes:
        data = None if body is None else json.dumps(body)
        self._connection.request(method, path, data, self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        assert answer.status < HTTPStatus.BAD_REQUEST, (method, path, answer.status, text)
        return text


if __name__ == "__main__":
    sys.exit(main())

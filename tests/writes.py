"""What this process writes to GitHub, counted: what a report costs is a promise."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from controller.edge.github.client import Client


@contextmanager
def counted_writes() -> Iterator[list[str]]:
    """Every write to a repository from now on, each as its verb and path; a question put as a POST, or a token, is none."""
    made: list[str] = []
    write = Client.write

    def noted(client: Client, verb: str, path: str, *body: object) -> str:
        if path.startswith("/repos/"):
            made.append(f"{verb} {path}")
        return write(client, verb, path, *body)  # type: ignore[arg-type]

    with patch.object(Client, "write", noted):
        yield made

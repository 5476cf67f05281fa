"""`sandbox`: the whole product with GitHub in a box, left running to be played with."""

import json as jsonlib
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from controller.cli.opened import stop_at_signal
from controller.cli.stack import Stack, running_stack


def run(
    folder: Annotated[
        Path | None, typer.Option("--dir", help="Keep everything here, and go on from it next time.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Say where things are as one line of JSON.")] = False,
) -> None:
    """Start GitHub in a box, a broker, the listener and a worker, and leave them running until SIGTERM."""
    stop = stop_at_signal()
    with _folder(folder) as data, running_stack(data) as stack:
        if json:
            sys.stdout.write(jsonlib.dumps(facts(stack)) + "\n")
            sys.stdout.flush()
        else:
            _tell(stack)
        stop.wait()


def facts(stack: Stack) -> dict[str, object]:
    """Where everything is, for a script: GitHub's API and git are at the same address."""
    return {
        "github": stack.github,
        "git": stack.github,
        "controller": stack.controller,
        "repository": stack.repository,
        "tokens": dict(stack.tokens),
        "webhook_secret": stack.webhook_secret,
        "data": str(stack.data),
    }


@contextmanager
def _folder(chosen: Path | None) -> Iterator[Path]:
    if chosen is not None:
        yield chosen
        return
    with tempfile.TemporaryDirectory(prefix="infrautomater-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _tell(stack: Stack) -> None:
    table = Table(box=None, show_header=False)
    table.add_row("GitHub in a box", f"{stack.github}/{stack.repository}")
    table.add_row(
        "git", f"git clone {stack.github}/{stack.repository}.git (any user name, a token as password)"
    )
    table.add_row("Controller", stack.controller)
    for login, token in sorted(stack.tokens.items()):
        table.add_row(f"Token of {login}", token)
    console = Console()
    console.print(table, soft_wrap=True)
    console.print(
        "Open the box, sign in as requester (a click, no password), add a file under requests/<team>/ and propose it; "
        "then sign in as reviewer and merge. ^C ends everything."
    )

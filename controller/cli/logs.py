"""`logs`: what a run said."""

import sys
import time
from typing import Annotated

import typer

from controller.cli.opened import opened
from controller.errors import UnknownRun

POLL = 0.5


def run(
    run: Annotated[int, typer.Argument(help="The run's number.")],
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on until the run ends.")] = False,
) -> None:
    """Print a run's log."""
    with opened() as ports:
        seen = 0
        while True:
            view = ports.views.run(run)
            if view is None:
                raise UnknownRun(f"there is no run {run}")
            chunks = ports.views.log(run, seen)
            sys.stdout.writelines(text for _, text in chunks)
            seen = chunks[-1][0] if chunks else seen
            sys.stdout.flush()
            if not (follow and view.run.is_open):
                return
            time.sleep(POLL)

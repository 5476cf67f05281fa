"""`retry`: another attempt."""

from typing import Annotated

import typer

from controller.cli.opened import opened, operator
from controller.core.wish import Retry
from controller.pipeline.resolve import resolve
from controller.settings import need, read_settings


def run(run: Annotated[int, typer.Argument(help="The number of a run that failed.")]) -> None:
    """Try a failed run again, from where it got to."""
    settings = read_settings()
    need(settings, "repository", "github_token")  # the default branch must still want it
    with opened(settings) as ports:
        resolve(ports, run, Retry(operator()))
    typer.echo(f"run {run} is tried again")

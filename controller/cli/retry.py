"""`retry`: another attempt."""

import getpass
from typing import Annotated

import typer

from controller.cli.opened import opened
from controller.pipeline.resolve import resolve
from controller.ports import Retry


def run(run: Annotated[int, typer.Argument(help="The number of a run that failed.")]) -> None:
    """Try a failed run again, from where it got to."""
    with opened() as ports:
        resolve(ports, run, Retry(getpass.getuser()))
    typer.echo(f"run {run} is tried again")

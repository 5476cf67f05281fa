"""`release`: let a held run go."""

from typing import Annotated

import typer

from controller.cli.opened import opened, operator
from controller.core.wish import Release
from controller.pipeline.resolve import resolve
from controller.settings import need, read_settings


def run(
    run: Annotated[int, typer.Argument(help="The run's number.")],
    reason: Annotated[str, typer.Option(help="Why; it stays in the run's history.")],
) -> None:
    """Let a held run go: its shown plan is the reviewed one; it is planned again, and must be covered."""
    settings = read_settings()
    need(settings, "repository", "github_token")  # the default branch must still want it
    with opened(settings) as ports:
        resolve(ports, run, Release(operator(), reason))
    typer.echo(f"run {run} is released")

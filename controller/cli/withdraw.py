"""`withdraw`: take a run back."""

from typing import Annotated

import typer

from controller.cli.opened import opened, operator
from controller.core.wish import Withdrawal
from controller.pipeline.resolve import resolve


def run(
    run: Annotated[int, typer.Argument(help="The run's number.")],
    reason: Annotated[str, typer.Option(help="Why; it stays in the run's history.")] = "by hand",
) -> None:
    """Take a waiting or held run back; it stays so until another commit asks for the change."""
    with opened() as ports:
        resolve(ports, run, Withdrawal(operator(), reason))
    typer.echo(f"run {run} is withdrawn")

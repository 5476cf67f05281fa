"""`events`: the audit trail."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from controller.cli.opened import opened
from controller.cli.output import print_json


def run(
    run: Annotated[int | None, typer.Argument(help="Only of the run with this number.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 100,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show what became of runs, when, through whom and why; newest first."""
    with opened() as ports:
        found = list(ports.views.events(run, limit))
    if json:
        print_json(found)
        return
    table = Table("Time (UTC)", "Run", "By", "From", "To", "Why", box=None)
    for event in found:
        moment = event.at.strftime("%Y-%m-%d %H:%M:%S")
        table.add_row(moment, str(event.run), event.actor, event.before, event.after, event.why)
    # What people wrote is shown as they wrote it: `[words]` and `:words:` are no markup.
    Console(markup=False, emoji=False).print(table)

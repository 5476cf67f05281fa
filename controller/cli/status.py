"""`status`: every request and what has become of it."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from controller.cli.opened import opened
from controller.cli.output import print_json
from controller.ports import RequestView

PAGE = 500


def run(
    only: Annotated[str, typer.Option("--status", help="Only requests with this status.")] = "",
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show every request with its status and its last run."""
    with opened() as ports:
        found: list[RequestView] = []
        while page := ports.views.requests(only or None, found[-1].id.key if found else "", PAGE):
            found.extend(page)
    if json:
        print_json(found)
        return
    table = Table("Request", "Team", "Status", "Run", "File", box=None)
    for view in found:
        table.add_row(str(view.id), view.team, view.status, str(view.run or ""), view.path)
    # What people wrote is shown as they wrote it: `[words]` and `:words:` are no markup.
    Console(markup=False, emoji=False).print(table)

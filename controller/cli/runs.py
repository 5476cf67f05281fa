"""`runs`: the newest runs."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from controller.cli.arguments import request_id
from controller.cli.opened import opened
from controller.cli.output import print_json
from controller.core.run import Ended, Run
from controller.ports import RunQuery


def run(
    request: Annotated[str, typer.Option(help="Only of this request: environment/kind/name.")] = "",
    pull: Annotated[int, typer.Option(help="Only of this pull.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 30,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show the newest runs."""
    query = RunQuery(request=request_id(request) if request else None, pull=pull or None, limit=limit)
    with opened() as ports:
        found = list(ports.views.runs(query))
    if json:
        print_json(found)
        return
    table = Table("Run", "Operation", "Request", "State", "Pull", "Begun", box=None)
    for view in found:
        begun = (view.started or view.created).strftime("%Y-%m-%d %H:%M:%S")
        pull_name = f"#{view.run.pull}" if view.run.pull else ""
        table.add_row(
            str(view.run.id),
            view.run.operation.value,
            str(view.run.request),
            _state(view.run),
            pull_name,
            begun,
        )
    # What people wrote is shown as they wrote it: `[words]` and `:words:` are no markup.
    Console(markup=False, emoji=False).print(table)


def _state(run: Run) -> str:
    return run.state.outcome.type if isinstance(run.state, Ended) else run.state.type

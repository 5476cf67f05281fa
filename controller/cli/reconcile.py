"""`reconcile`: the default branch against the ledger, without any event."""

from typing import Annotated

import typer

from controller.cli.opened import opened
from controller.core.summary import many, what_happens
from controller.pipeline import reconcile
from controller.settings import need, read_settings


def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
) -> None:
    """Compare the default branch and the open pulls with the ledger, and open the runs that are missing."""
    settings = read_settings()
    need(settings, "repository", "github_token")
    with opened(settings) as ports:
        changes = reconcile.preview(ports)
        for change in changes:
            typer.echo(f"{change.request.id}: {what_happens(change)}")
        typer.echo(f"{many(len(changes), 'change')}{' (dry run)' if dry_run else ''}")
        if not dry_run:
            reconcile.reconcile(ports)

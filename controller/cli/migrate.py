"""`migrate`: the ledger's tables."""

import typer

from controller.edge.ledger.migrate import migrate
from controller.settings import read_settings


def run() -> None:
    """Bring the ledger's tables up to date; does nothing where they are."""
    settings = read_settings()
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    migrate(settings.ledger_url)
    typer.echo("the ledger is up to date")

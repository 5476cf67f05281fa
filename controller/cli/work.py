"""`work`: one worker process; start more for more."""

from typing import Annotated

import typer

from controller.cli.opened import log_to_stderr, stop_at_signal
from controller.settings import read_settings
from controller.worker import work


def run(
    environments: Annotated[
        str, typer.Option(help="Only these environments, separated by commas; all of them by default.")
    ] = "",
) -> None:
    """Carry out runs, until SIGTERM; a second SIGTERM interrupts them."""
    log_to_stderr()
    chosen = tuple(part.strip() for part in environments.split(",") if part.strip())
    work(read_settings(), chosen, stop_at_signal())

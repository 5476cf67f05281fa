"""The commands, one verb a module: parse, call, print.

Exit codes: 0 fine, 1 findings or a failure, 2 usage.
"""

import sys

import typer

from controller.cli import (
    demo,
    logs,
    migrate,
    reconcile,
    release,
    retry,
    runs,
    sandbox,
    schedule,
    serve,
    status,
    up,
    validate,
    withdraw,
    work,
)
from controller.errors import InfrautomaterError

app = typer.Typer(
    name="infrautomater",
    help="A team merges a small YAML file, and the infrastructure is there.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for verb in (
    demo, sandbox, up, serve, work, schedule, migrate,
    validate, status, runs, logs, retry, release, withdraw, reconcile,
):  # fmt: skip
    app.command(verb.__name__.rsplit(".", 1)[1])(verb.run)


def main() -> None:
    """Run the `infrautomater` command."""
    try:
        app()
    except InfrautomaterError as error:
        sys.stderr.write(f"infrautomater: {error}\n")
        sys.exit(1)

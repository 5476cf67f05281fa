"""The commands, one verb a module: parse, call, print.

Exit codes: 0 fine, 1 findings or a failure, 2 usage.
"""

import sys
from collections.abc import Sequence
from importlib import import_module

import typer

from controller.errors import InfrautomaterError

VERBS = (
    "demo", "sandbox", "up", "serve", "work", "schedule", "migrate",
    "validate", "preview", "new", "schema", "status", "runs", "logs", "events",
    "retry", "release", "withdraw", "unlock", "reconcile",
)  # fmt: skip


def application(verbs: Sequence[str] = VERBS) -> typer.Typer:
    """The command with these verbs; whoever calls one need not wait until what the others need is imported."""
    app = typer.Typer(
        name="infrautomater",
        help="A team merges a small YAML file, and the infrastructure is there.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_nothing)
    for verb in verbs:
        app.command(verb)(import_module(f"{__name__}.{verb}").run)
    return app


def _nothing() -> None:
    """Without a callback an application of one verb takes no verb."""


def main() -> None:
    """Run the `infrautomater` command."""
    called = [word for word in sys.argv[1:2] if word in VERBS]
    try:
        application(called or VERBS)()
    except InfrautomaterError as error:
        sys.stderr.write(f"infrautomater: {error}\n")
        sys.exit(1)

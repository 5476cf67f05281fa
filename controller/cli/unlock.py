"""`unlock`: take over what only the dead hold."""

from typing import Annotated

import typer

from controller.cli.arguments import request_id
from controller.cli.opened import opened, operator
from controller.core.tenure import Free
from controller.pipeline.unlock import unlock
from controller.settings import need, read_settings


def run(
    workspace: Annotated[str, typer.Argument(help="environment/kind/name.")],
) -> None:
    """Say who has a workspace's state in hands, and take it over where that is safe; exit code 1 where it is not."""
    request = request_id(workspace)
    settings = read_settings()
    need(
        settings, "repository", "github_token"
    )  # the default branch must still want what would be tried again
    with opened(settings) as ports:
        found = unlock(ports, request, operator())
        typer.echo(f"{request} is {found.told(ports.now())}")
    if not (found.is_safe or isinstance(found, Free)):
        raise typer.Exit(1)

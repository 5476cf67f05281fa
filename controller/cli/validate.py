"""`validate`: requests and catalogue in a checked-out repository, without any service."""

import sys
from concurrent.futures import ProcessPoolExecutor
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from controller.cli.output import print_json
from controller.cli.repository import Root, Tree, proposed, worktree
from controller.core.findings import as_workflow_command, findings
from controller.core.inspection import inspect
from controller.core.rejection import Rejection
from controller.core.summary import many
from controller.pipeline.look import files_of


class Format(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


def run(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Only files at or below these; all of them by default.")
    ] = None,
    against: Annotated[
        str, typer.Option(help="Judge only what changed since this revision, and how it changed.")
    ] = "",
    format: Annotated[Format, typer.Option(help="text, json, or github for annotations.")] = Format.TEXT,  # noqa: A002 -- the option's name
    root: Root = Path(),
) -> None:
    """Check requests, kinds and environments; exit 1 where something is wrong."""
    missing = [path for path in paths or [] if not (against or path.exists())]
    if missing:
        raise typer.BadParameter(f"there is no {missing[0]}", param_hint="PATHS")
    found = proposed(root, against)[0].rejections if against else _found(worktree(root))
    chosen = _chosen(found, root, paths or [])
    _print(chosen, format)
    raise typer.Exit(1 if chosen else 0)


def _found(tree: Tree) -> tuple[Rejection, ...]:
    """Reading modules takes as long as reading thousands of requests: another core does it meanwhile."""
    with ProcessPoolExecutor(1) as pool:
        mistakes = pool.submit(inspect, files_of(tree.modules))
        return findings(tree.read, mistakes.result())


def _chosen(found: tuple[Rejection, ...], root: Path, paths: list[Path]) -> tuple[Rejection, ...]:
    if not paths:
        return found
    wanted = [path.absolute() for path in paths]
    return tuple(
        rejection
        for rejection in found
        if any((root / rejection.path).absolute().is_relative_to(path) for path in wanted)
    )


def _print(found: tuple[Rejection, ...], format_: Format) -> None:
    match format_:
        case Format.JSON:
            print_json(list(found))
        case Format.GITHUB:
            sys.stdout.writelines(f"{as_workflow_command(rejection)}\n" for rejection in found)
        case Format.TEXT:
            sys.stdout.writelines(f"{rejection}\n" for rejection in found)
            sys.stdout.write(f"{many(len(found), 'mistake')}\n" if found else "every request can be read\n")

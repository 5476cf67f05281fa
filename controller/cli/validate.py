"""`validate`: requests and catalogue in a checked-out repository, without any service."""

import sys
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from controller.cli.opened import print_json
from controller.core import catalogue as catalogues
from controller.core import requests
from controller.core.change import Standing
from controller.core.findings import as_workflow_command, findings
from controller.core.identity import RequestId
from controller.core.proposal import Sides, propose
from controller.core.pull import Pull, PullState
from controller.core.rejection import Rejection
from controller.core.request import Blob
from controller.core.summary import many
from controller.core.wanted import Wanted, changed_paths, read_wanted
from controller.edge.git.cli import GitCli
from controller.edge.templates import read_templates
from controller.edge.worktree import read_worktree, resolve_revision
from controller.pipeline.look import catalogue_of

Blobs = dict[str, Blob]


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
    root: Annotated[
        Path, typer.Option(exists=True, file_okay=False, help="The repository's top folder.")
    ] = Path(),
) -> None:
    """Check requests, kinds and environments; exit 1 where something is wrong."""
    missing = [path for path in paths or [] if not (against or path.exists())]
    if missing:
        raise typer.BadParameter(f"there is no {missing[0]}", param_hint="PATHS")
    found = _against(root, against) if against else findings(_read(_worktree(root)))
    chosen = _chosen(found, root, paths or [])
    _print(chosen, format)
    raise typer.Exit(1 if chosen else 0)


def _worktree(root: Path) -> tuple[Blobs, Blobs]:
    catalogue = read_worktree(root, catalogues.FOLDER, hidden=False)
    return dict(catalogue), dict(read_worktree(root, requests.FOLDER))


def _read(blobs: tuple[Blobs, Blobs]) -> Wanted:
    return read_wanted(blobs[1], catalogue_of(blobs[0]), read_templates()["workspace"])


def _against(root: Path, revision: str) -> tuple[Rejection, ...]:
    """What the worktree would be told as a pull on the revision."""
    commit = resolve_revision(root, revision)
    with tempfile.TemporaryDirectory() as folder:
        git = GitCli(Path(folder), str(root.absolute()), lambda: None, lambda: "HEAD")
        git.fetch(commit)
        before = dict(git.blobs(commit, catalogues.FOLDER)), dict(git.blobs(commit, requests.FOLDER))
    after = _worktree(root)
    paths = changed_paths(before[0], after[0]) | changed_paths(before[1], after[1])
    merged = _read(after)
    pull = Pull(0, "", "", "", "", PullState.OPEN)
    was = _read(before)
    sides = Sides(was, merged, paths, catalogue=merged.catalogue.rejections)
    return propose(pull, commit, sides, _as_if_applied(was)).rejections


def _as_if_applied(was: Wanted) -> dict[RequestId, Standing]:
    """There is no ledger here: what the revision asks for is taken to be there."""
    return {
        identity: Standing(workspace.request, workspace.digest, workspace.digest)
        for identity, workspace in was.workspaces.items()
    }


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

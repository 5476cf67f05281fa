"""A checked-out configuration repository, as the verbs read it that need no service."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from controller.core import catalogue as catalogues
from controller.core import requests
from controller.core.catalogue import Catalogue
from controller.core.change import Standing
from controller.core.identity import RequestId
from controller.core.inspection import blamed, inspect
from controller.core.proposal import Proposal, Sides, propose
from controller.core.pull import Pull, PullState
from controller.core.rejection import Rejection
from controller.core.request import Blob
from controller.core.requests import read_requests
from controller.core.wanted import Wanted, changed_paths, read_wanted
from controller.edge.git.cli import GitCli
from controller.edge.templates import read_templates
from controller.edge.worktree import read_worktree, resolve_revision
from controller.pipeline.look import catalogue_of, files_of

Blobs = dict[str, Blob]
Root = Annotated[Path, typer.Option(exists=True, file_okay=False, help="The repository's top folder.")]

NOBODYS = Pull(0, "", "", "", "", PullState.OPEN)
"""A pull that nobody has opened yet."""


@dataclass(frozen=True)
class Tree:
    """The two folders of one tree: `terraform/` and `requests/`."""

    modules: Blobs
    files: Blobs

    @property
    def catalogue(self) -> Catalogue:
        """What it offers, as far as that can be read."""
        return catalogue_of(self.modules)

    @property
    def mistakes(self) -> tuple[Rejection, ...]:
        """All that is wrong with what it offers."""
        return inspect(files_of(self.modules))

    @property
    def read(self) -> Wanted:
        """What it asks for, read and not rendered."""
        return Wanted(self.files, self.catalogue, read_requests(self.files, self.catalogue), {})

    @property
    def rendered(self) -> Wanted:
        """What it asks for, with the workspaces."""
        return read_wanted(self.files, self.catalogue, read_templates()["workspace"])


def worktree(root: Path) -> Tree:
    """What is checked out.

    Raises:
        typer.BadParameter: there is nothing here that could be a configuration repository.
    """
    if not any((root / folder).is_dir() for folder in (catalogues.FOLDER, requests.FOLDER)):
        problem = f"there is neither `{catalogues.FOLDER}/` nor `{requests.FOLDER}/` in {root.absolute()}"
        raise typer.BadParameter(f"{problem}; name the top folder of the repository", param_hint="--root")
    modules = read_worktree(root, catalogues.FOLDER, hidden=False)
    return Tree(dict(modules), dict(read_worktree(root, requests.FOLDER)))


def committed(root: Path, commit: str) -> Tree:
    """What a commit has."""
    with tempfile.TemporaryDirectory() as folder:
        git = GitCli(Path(folder), str(root.absolute()), lambda: None, lambda: "HEAD")
        git.fetch(commit)
        return Tree(dict(git.blobs(commit, catalogues.FOLDER)), dict(git.blobs(commit, requests.FOLDER)))


def proposed(root: Path, revision: str, only: str = "") -> tuple[Proposal, Sides]:
    """What the worktree would change as a pull.

    Args:
        root: the repository's top folder.
        revision: what the pull is based on; without one everything is new.
        only: a single file to be judged, by its path from the top.
    """
    commit = resolve_revision(root, revision) if revision else ""
    after = worktree(root)
    before = committed(root, commit) if commit else Tree(after.modules, {})
    paths = changed_paths(before.modules, after.modules) | changed_paths(before.files, after.files)
    was, merged = before.rendered, after.rendered
    mistakes = blamed(before.mistakes, after.mistakes, paths)
    sides = Sides(was, merged, paths & {only} if only else paths, catalogue=mistakes)
    return propose(NOBODYS, commit, sides, _as_if_applied(was)), sides


def _as_if_applied(was: Wanted) -> dict[RequestId, Standing]:
    """There is no ledger here: what the revision asks for is taken to be there."""
    return {
        identity: Standing(workspace.request, workspace.digest, workspace.digest)
        for identity, workspace in was.workspaces.items()
    }

"""`preview`: what the pull request's comment would say of a file, planned on this machine."""

import html
import math
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown

from controller.bootstrap import make_terraform
from controller.cli.repository import Root, proposed
from controller.core.change import Change
from controller.core.comment import Links, plan_comment
from controller.core.environment import Mode
from controller.core.markdown import fence, prose
from controller.core.outcome import Failed, Planned
from controller.core.proposal import Proposal
from controller.core.run import Ended, Operation, Run
from controller.core.summary import PlanFacts, summarise_plan
from controller.core.wanted import Wanted
from controller.core.workspace import Workspace
from controller.edge.keys import generate
from controller.edge.templates import read_templates
from controller.pipeline.preview import NotPlanned, by_itself, plan_by_itself
from controller.settings import Settings, read_settings

_SHARED = ("providers",)
"""What Terraform fetched before is fetched for previews too."""

_HERE = Links(page=lambda path: path, source=lambda *_place: "")
"""Nothing of this is on GitHub yet, or on a page."""

_NO_PLAN = "Not planned (`--no-plan`): the comment would go on with what Terraform plans."


@dataclass(frozen=True)
class Seen:
    """What came of planning: the runs that a comment tells of, and what is to be said of them here."""

    runs: tuple[Run, ...]
    notes: tuple[str, ...]


def run(
    file: Annotated[Path, typer.Argument(help="A request's file; it need not be committed.")],
    against: Annotated[
        str, typer.Option(help="What a pull would be based on: a revision; everything is new without one.")
    ] = "",
    no_plan: Annotated[bool, typer.Option("--no-plan", help="Do without Terraform.")] = False,
    root: Root = Path(),
) -> None:
    """Show what the pull request's comment would say; exit 1 where something is wrong."""
    path = _path(file, root)
    proposal, sides = proposed(root, against, path)
    seen = Seen((), (_NO_PLAN,)) if no_plan else _plan(proposal, sides.merged)
    summary = summarise_plan(PlanFacts(proposal, seen.runs, sides.tip.catalogue))
    body = plan_comment(summary, read_templates()["comment"], _HERE).body
    visible = [line for line in body.splitlines() if not line.startswith("<!-- infrautomater:")]
    notes = [f"{note}\n" for note in dict.fromkeys(seen.notes) if proposal.changes]
    _print("\n".join((*notes, *visible)).lstrip())
    raise typer.Exit(1 if proposal.rejections or any(row.failed for row in summary.rows) else 0)


def _path(file: Path, root: Path) -> str:
    """The file as git names it."""
    here = Path(os.path.abspath(file))  # noqa: PTH100 -- `resolve` would follow a link, which git does not
    top = Path(os.path.abspath(root))  # noqa: PTH100 -- likewise
    path = here.relative_to(top).as_posix() if here.is_relative_to(top) else ""
    if not path.startswith("requests/"):
        raise typer.BadParameter(f"{file} is not below {root / 'requests'}", param_hint="FILE")
    if not os.path.lexists(file):
        raise typer.BadParameter(f"there is no {file}", param_hint="FILE")
    return path


def _plan(proposal: Proposal, merged: Wanted) -> Seen:
    settings, runs, notes = read_settings(), [], []
    for change in proposal.changes:
        workspace = merged.workspaces[change.request.id]
        outcome, note = _outcome(settings, workspace)
        notes.append(note)
        if not isinstance(outcome, NotPlanned):
            runs.append(_run(change, outcome, _mode(settings, workspace)))
    return Seen(tuple(runs), tuple(notes))


def _outcome(settings: Settings, workspace: Workspace) -> tuple[Planned | Failed | NotPlanned, str]:
    """What came of planning, and what is to be said of it."""
    kept = _state(settings, workspace)
    with _alone(settings, kept) as own:
        alone = by_itself(workspace, read_templates()["workspace"])
        outcome = plan_by_itself(make_terraform(own), alone, generate)
    if isinstance(outcome, NotPlanned):
        detail = f"\n\n{fence(outcome.detail, 'text')}" if outcome.detail else ""
        return outcome, f"Not planned here: {prose(outcome.why)}{detail}"
    base = f"against the state in {kept}" if kept else "as if nothing were there yet: no state was read"
    return outcome, f"Planned on this machine, with its credentials, {base}."


def _state(settings: Settings, workspace: Workspace) -> Path | None:
    """The state, where the environment keeps it on the machine that it is used on, and that is this one."""
    path = settings.data / "states" / f"{workspace.id.key}.tfstate"
    is_local = workspace.environment.format.state.type == "local"
    return path if is_local and path.is_file() else None


@contextmanager
def _alone(settings: Settings, state: Path | None) -> Iterator[Settings]:
    """Settings with a data directory for once, in which a copy of the state lies; nobody is there to beat for."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="preview-", dir=settings.data) as folder:
        data = Path(folder)
        for name in _SHARED:
            (settings.data / name).mkdir(exist_ok=True, mode=0o700)
            (data / name).symlink_to(settings.data / name)
        if state:
            (data / "states").mkdir(mode=0o700)
            shutil.copyfile(state, data / "states" / state.name)
        yield settings.model_copy(update={"data": data, "silence": math.inf})


def _mode(settings: Settings, workspace: Workspace) -> Mode:
    is_dry = Mode.PLAN_ONLY in {settings.mode, workspace.environment.format.mode}
    return Mode.PLAN_ONLY if is_dry else Mode.APPLY


def _run(change: Change, outcome: Planned | Failed, mode: Mode) -> Run:
    """A run that no ledger has, for the comment to tell of."""
    return Run(
        id=0,
        request=change.request.id,
        operation=Operation.PLAN,
        digest=change.digest,
        mode=mode,
        commit="",
        pull=None,
        after=None,
        attempt=1,
        state=Ended(outcome),
    )


def _print(body: str) -> None:
    """Markdown as it is for a file or a pipe, and laid out for a person."""
    if sys.stdout.isatty():
        Console().print(Markdown(_without_html(body)))
    else:
        sys.stdout.write(body)


def _without_html(body: str) -> str:
    """Rich leaves HTML out, and with it what it holds."""
    opened = re.sub(
        r"<details><summary>(.*?)</summary>", lambda found: f"### {html.unescape(found[1])}", body
    )
    return re.sub(r"</?(details|sub)>", "", opened)

"""`new`: a request's file, written with what the kind says of each parameter, here or as a pull request."""

import hashlib
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.prompt import Prompt

from controller.bootstrap import make_account
from controller.cli.repository import Root, Tree, worktree
from controller.core.catalogue import Catalogue
from controller.core.draft import Draft, read_parameters, write_request
from controller.core.identity import RequestId
from controller.core.offer import Offered, offered, offering
from controller.core.rejection import Rejection
from controller.core.request import BLOB_MODE, Blob, read_request
from controller.core.requests import read_requests
from controller.edge.github.behalf import branch_of, is_login
from controller.edge.github.client import Client
from controller.edge.github.proposing import NewFile, propose_file
from controller.settings import need, read_settings

SCHEMA = "request.schema.json"
"""Where the repository may keep what `infrautomater schema` prints; editors are told of it then."""

_TIMEOUT = 15


@dataclass(frozen=True)
class Wish:
    """What was asked for on the command line, as far as it was."""

    kind: str
    name: str
    team: str
    environment: str
    words: Mapping[str, str]


def run(  # noqa: PLR0913, PLR0917 -- what a request is made of
    kind: Annotated[str, typer.Argument(help="What you want: a kind of the catalogue.")] = "",
    name: Annotated[str, typer.Argument(help="What to call it.")] = "",
    parameters: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="How it should be; `labels.a=b` for an entry of a map."),
    ] = None,
    team: Annotated[str, typer.Option(help="Whose it is: the folder.")] = "",
    environment: Annotated[str, typer.Option(help="Where it lives.")] = "",
    open_pull: Annotated[
        bool, typer.Option("--open-pull", help="Leave no file here: open the pull request on GitHub.")
    ] = False,
    login: Annotated[
        str, typer.Option("--for", help="With --open-pull, whose pull request it counts as: not ours.")
    ] = "",
    root: Root = Path(),
) -> None:
    """Write a new request's file; on a terminal, ask for what is missing."""
    whom = _whom(login, open_pull=open_pull)
    tree = worktree(root)
    wish = _complete(Wish(kind, name, team, environment, _words(parameters or [])), tree)
    values = read_parameters(tree.catalogue.kinds.get(wish.kind), wish.words)
    draft = Draft(RequestId(wish.environment, wish.kind, wish.name), wish.team, values)
    _refuse(_taken(root, draft))
    schema = f"../../{SCHEMA}" if (root / SCHEMA).is_file() else ""
    text = write_request(draft, tree.catalogue, schema)
    _refuse(_judged(draft.path, text, tree))
    sys.stdout.write(f"{_propose(draft, text, whom) if open_pull else _write(root / draft.path, text)}\n")


def _whom(login: str, *, open_pull: bool) -> str:
    if login and not open_pull:
        raise typer.BadParameter("only a pull request is for somebody: add --open-pull", param_hint="--for")
    if login and not is_login(login.removeprefix("@")):
        raise typer.BadParameter(f"`{login}` is no login of GitHub's", param_hint="--for")
    return login.removeprefix("@")


def _words(parameters: Iterable[str]) -> Mapping[str, str]:
    pairs = [word.partition("=") for word in parameters]
    odd = [name for name, equals, _ in pairs if not (name and equals)]
    if odd:
        raise typer.BadParameter(f"`{odd[0]}` is no KEY=VALUE", param_hint="KEY=VALUE")
    return {name: value for name, _, value in pairs}


def _complete(wish: Wish, tree: Tree) -> Wish:
    """What is missing, from whoever sits at the terminal."""
    catalogue = tree.catalogue
    kind = wish.kind or _ask(
        "KIND", "Kind", [name for name, one in catalogue.kinds.items() if offering(one, catalogue)]
    )
    name = wish.name or _ask("NAME", "Name")
    teams = sorted({path.split("/")[1] for path in tree.files if path.count("/") == 2})  # noqa: PLR2004 -- requests/<team>/<file>
    team = wish.team or _ask("--team", f"Team ({', '.join(teams) or 'a new folder'})")
    environment = wish.environment or _ask("--environment", "Environment", _places(kind, catalogue))
    words = {**wish.words, **_answers(_missing(wish, kind, environment, catalogue))}
    return Wish(kind, name, team, environment, words)


def _places(kind: str, catalogue: Catalogue) -> list[str]:
    known = catalogue.kinds.get(kind)
    return [place.name for place in offering(known, catalogue)] if known else list(catalogue.environments)


def _missing(wish: Wish, kind: str, environment: str, catalogue: Catalogue) -> list[Offered]:
    """Parameters that must be given, and leave a choice."""
    known, place = catalogue.kinds.get(kind), catalogue.environments.get(environment)
    if known is None or place is None:
        return []
    return [
        one
        for one in offered(known, place)
        if one.default is None and one.name not in wish.words and len(one.choices or "ab") > 1
    ]


def _answers(missing: Iterable[Offered]) -> Mapping[str, str]:
    if not sys.stdin.isatty():
        return {}  # the file's rejections say more than a usage error could
    return {
        one.name: _ask(one.name, f"{one.name}: {one.about}\n ", [str(choice) for choice in one.choices or ()])
        for one in missing
    }


def _ask(what: str, question: str, choices: list[str] | None = None) -> str:
    if not sys.stdin.isatty():
        raise typer.BadParameter("this is missing, and there is no terminal to ask on", param_hint=what)
    return Prompt.ask(question, choices=choices or None, console=Console(stderr=True)).strip()


def _judged(path: str, text: str, tree: Tree) -> tuple[Rejection, ...]:
    """What `validate` would say of the file, by itself and beside those that are there."""
    blob = Blob(BLOB_MODE, "", text.encode())
    alone = read_request(path, blob, tree.catalogue)
    if isinstance(alone, tuple):
        return alone
    return read_requests({**tree.files, path: blob}, tree.catalogue).refused.get(path, ())


def _taken(root: Path, draft: Draft) -> tuple[Rejection, ...]:
    if not os.path.lexists(root / draft.path):
        return ()
    way_out = "Change that file, or choose another name."
    return (Rejection(draft.path, 1, 1, "name", f"`{draft.path}` is there already", way_out),)


def _refuse(rejections: tuple[Rejection, ...]) -> None:
    """No line is named: there is no file yet."""
    for one in rejections:
        field = f"{one.field}: " if one.field else ""
        sys.stderr.write(f"{field}{one.problem}. {one.way_out}\n")
    if rejections:
        raise typer.Exit(1)


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return path


def _propose(draft: Draft, text: str, whom: str) -> str:
    settings = read_settings()
    need(settings, "repository", "github_token")
    content = text.encode()
    branch = branch_of(f"{draft.id.key}-{hashlib.sha256(content).hexdigest()[:8]}", whom)
    body = f"For @{whom}." if whom else ""
    client = Client(make_account(settings), settings.github_url, _TIMEOUT, settings.github_pause)
    return propose_file(
        client, settings.repository, NewFile(draft.path, content, branch, f"Ask for {draft.id}", body)
    )

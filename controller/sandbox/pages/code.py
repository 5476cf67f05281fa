"""A repository's files: https://docs.github.com/repositories/working-with-files/using-files."""

import re

from starlette.responses import RedirectResponse, Response

from controller.sandbox.git import objects
from controller.sandbox.git.batch import ahead
from controller.sandbox.git.cli import Git
from controller.sandbox.git.objects import Entry
from controller.sandbox.pages import markdown
from controller.sandbox.pages.acting import act, go
from controller.sandbox.pages.commits import shown_commit
from controller.sandbox.pages.page import HEADERS, in_repository
from controller.sandbox.pages.places import Place, branches, place
from controller.sandbox.pages.visit import Visit
from controller.sandbox.rest import forks

_MOST_LINES = 10_000
_MARKDOWN = re.compile(r"\.(md|markdown)$", re.IGNORECASE)


def tree(visit: Visit) -> Response:
    """A folder, with its README below; an empty repository says how to fill it."""
    if not visit.forge.refs.of(visit.repository().id):
        return in_repository(visit, "empty.html.j2", "code", clone=f"{visit.web}{visit.to()}.git")
    at = place(visit)
    entry = at.entry()
    if entry.kind != "tree":
        return RedirectResponse(visit.to("blob", at.ref, at.path))
    inside = objects.entries(at.git, at.sha, f"{at.path}/" if at.path else "")
    return in_repository(
        visit,
        "tree.html.j2",
        "code",
        at=at,
        entries=sorted(inside, key=lambda one: (one.kind == "blob", one.path)),
        branches=branches(visit),
        newest=shown_commit(visit, _newest(at)),
        readme=_readme(visit, at, inside),
        clone=f"{visit.web}{visit.to()}.git",
    )


def blob(visit: Visit) -> Response:
    """A file with numbered lines; Markdown is rendered, unless `?plain=1` asks for its lines."""
    at = place(visit)
    entry = at.entry()
    if entry.kind != "blob":
        return RedirectResponse(visit.to("tree", at.ref, at.path))
    text = readable(at.git, entry)
    prose = bool(_MARKDOWN.search(at.path)) and not visit.query("plain") and text is not None
    return in_repository(
        visit,
        "blob.html.j2",
        "code",
        at=at,
        entry=entry,
        branches=branches(visit),
        on_branch=visit.forge.branch(visit.repository(), at.ref) is not None,
        newest=shown_commit(visit, _newest(at)),
        is_markdown=bool(_MARKDOWN.search(at.path)),
        prose=markdown.document(text, visit.to("blob", at.ref, at.folder) + "/") if prose and text else None,
        lines=None if text is None else text.splitlines()[:_MOST_LINES],
    )


def raw(visit: Visit) -> Response:
    """A file as it is, and as nothing but text."""
    at = place(visit)
    data = objects.blob(at.git, str(at.entry().sha)) if at.entry().kind == "blob" else b""
    return Response(data, headers=HEADERS, media_type="text/plain")


def readable(git: Git, entry: Entry) -> str | None:
    """A file's text, None for a binary."""
    data = objects.blob(git, str(entry.sha))
    return None if b"\0" in data else data.decode(errors="replace")


def _newest(at: Place) -> objects.Commit:
    shas = at.git.text("rev-list", "--max-count=1", at.sha, "--", *([at.path] if at.path else []))
    return objects.commit(at.git, shas or at.sha)


def _readme(visit: Visit, at: Place, inside: list[Entry]) -> dict[str, object] | None:
    found = next((one for one in inside if one.path.lower().rpartition("/")[2] == "readme.md"), None)
    text = readable(at.git, found) if found and found.kind == "blob" else None
    if found is None or text is None:
        return None
    return {
        "path": found.path,
        "html": markdown.document(text, visit.to("blob", at.ref, at.path).rstrip("/") + "/"),
    }


def fork(visit: Visit) -> Response:
    """Fork the repository to the account of whoever looks."""
    return go(f"/{act(visit, forks.create_fork)['full_name']}")


def branch_list(visit: Visit) -> Response:
    """The branches, each with what it brings and the pull that it is part of."""
    repository = visit.repository()
    own = (pull for pull in visit.forge.pulls_of(repository) if not pull.head_repository)
    pulls = {pull.head_ref: pull for pull in own}
    tip = visit.forge.branch(repository, repository.default_branch)
    heads = {name: visit.forge.branch(repository, name) or "" for name in branches(visit)}
    more = ahead(visit.git(), tip, heads.values()) if tip else {}
    rows = [(name, more.get(sha, 0), pulls.get(name)) for name, sha in heads.items()]
    return in_repository(visit, "branches.html.j2", "code", rows=rows)

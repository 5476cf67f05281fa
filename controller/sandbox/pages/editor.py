"""The editor of files: https://docs.github.com/repositories/working-with-files/managing-files/editing-files."""

import base64
from typing import Any

from starlette.responses import Response

from controller.sandbox.errors import RefusedError, not_found
from controller.sandbox.git.objects import Entry
from controller.sandbox.pages.acting import act, go
from controller.sandbox.pages.code import readable
from controller.sandbox.pages.page import in_repository
from controller.sandbox.pages.places import Place, place
from controller.sandbox.pages.visit import Visit, address
from controller.sandbox.rest import contents, refs


def new(visit: Visit) -> Response:
    """A form for a file that is not there yet, in the folder of the address."""
    branch = visit.repository().default_branch
    is_empty = not visit.forge.refs.of(visit.repository().id)
    at = Place(visit.git(), branch, "", "") if is_empty else _on_branch(visit)
    folder = f"{at.path}/" if at.path else ""
    return _form(visit, "new", at, path=visit.query("filename") or folder, text=visit.query("value"))


def edit(visit: Visit) -> Response:
    """A form for a file that is there.

    Raises:
        RefusedError: 404, there is none, or it is no text.
    """
    at = _on_branch(visit)
    text = readable(at.git, _file(at))
    if text is None:
        raise not_found()
    return _form(visit, "edit", at, path=at.path, text=text)


def delete(visit: Visit) -> Response:
    """A form to delete a file with."""
    at = _on_branch(visit)
    return _form(visit, "delete", at, path=_file(at).path, text="")


def save(visit: Visit) -> Response:
    """Make or change a file, by a commit to the branch or to a new one for a pull."""
    text = visit.form.get("text", "").replace("\r\n", "\n")
    text += "" if not text or text.endswith("\n") else "\n"
    return _committed(visit, contents.put_contents, {"content": base64.b64encode(text.encode()).decode()})


def remove(visit: Visit) -> Response:
    """Delete a file, likewise."""
    return _committed(visit, contents.delete_contents, {})


def _committed(visit: Visit, handler: Any, change: dict[str, str]) -> Response:
    base, target = visit.form.get("base", ""), _target(visit)
    old = {"sha": visit.form["sha"]} if visit.form.get("sha") else {}
    is_new = target != base
    if is_new:
        tip = visit.forge.branch(visit.repository(), base) or ""
        act(visit, refs.create_ref, {"ref": f"refs/heads/{target}", "sha": tip})
    path = visit.form.get("path", "").strip()
    try:
        act(visit, handler, {**change, **old, "branch": target, "message": _message(visit, path)}, path=path)
    except RefusedError:
        if is_new:
            act(visit, refs.delete_ref, ref=f"heads/{target}")
        raise
    if is_new:
        return go(_proposal(visit, base, target))
    return go(visit.to("blob", target, path) if change else visit.to("tree", target))


def _proposal(visit: Visit, base: str, target: str) -> str:
    repository = visit.repository()
    parent = visit.forge.repositories.get(repository.parent)
    if parent is None:
        return visit.to("compare", f"{base}...{target}")
    return address(parent, "compare", f"{parent.default_branch}...{repository.owner}:{target}")


def _target(visit: Visit) -> str:
    return (
        visit.form.get("branch", "").strip()
        if visit.form.get("where") == "new"
        else visit.form.get("base", "")
    )


def _message(visit: Visit, path: str) -> str:
    name = path.rpartition("/")[2]
    title = visit.form.get("title", "").strip() or f"{visit.form.get('verb', 'Update')} {name}"
    more = visit.form.get("description", "").replace("\r\n", "\n").strip()
    return f"{title}\n\n{more}" if more else title


def _form(visit: Visit, verb: str, at: Place, *, path: str, text: str) -> Response:
    return in_repository(
        visit,
        "editor.html.j2",
        "code",
        verb=verb,
        at=at,
        path=path,
        text=text,
        sha=_file(at).sha if verb != "new" else "",
        suggested=_suggested(visit),
    )


def _suggested(visit: Visit) -> str:
    login, repository = visit.viewer.login if visit.viewer else "guest", visit.repository()
    numbers = (f"{login}-patch-{number}" for number in range(1, 10_000))
    return next(name for name in numbers if visit.forge.branch(repository, name) is None)


def _on_branch(visit: Visit) -> Place:
    at = place(visit)
    if visit.forge.branch(visit.repository(), at.ref) is None:
        raise not_found()
    return at


def _file(at: Place) -> Entry:
    entry = at.entry()
    if entry.kind != "blob":
        raise not_found()
    return entry

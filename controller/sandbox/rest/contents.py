"""Files of a repository: https://docs.github.com/rest/repos/contents."""

import base64
import posixpath

from controller.sandbox.acts import refs
from controller.sandbox.errors import RefusedError, conflict, not_found, unprocessable
from controller.sandbox.forge import signature
from controller.sandbox.git import objects
from controller.sandbox.git.cli import Git, Signature
from controller.sandbox.git.objects import Entry
from controller.sandbox.nouns import Repository
from controller.sandbox.render import commits
from controller.sandbox.render.repositories import repository_url
from controller.sandbox.render.users import Json
from controller.sandbox.rest.answers import Answer, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import REPO, endpoints
from controller.sandbox.rest.fields import typed

_LINE = 60
_KINDS = {"tree": "dir", "commit": "submodule", "blob": "file"}


def get_contents(call: Call) -> Answer:
    """A file with its content in base64, or a folder's entries, at `ref` (default branch).

    Raises:
        RefusedError: 404, there is no such commit or path.
    """
    repository, path = call.repository(), call.path.get("path", "").strip("/")
    if not call.forge.refs.of(repository.id):
        raise RefusedError(404, "This repository is empty.")
    git, name = call.forge.git(repository), call.query.get("ref") or repository.default_branch
    commit = objects.resolve(git, name)
    if commit is None:
        raise RefusedError(404, f"No commit found for the ref {name}")
    root = Entry("", "040000", "tree", commit)
    found = root if not path else _entry(git, commit, path) if objects.is_path(path) else None
    if found is None:
        raise not_found()
    if found.kind == "tree":
        inside = objects.entries(git, commit, f"{path}/" if path else "")
        return ok([_shown(call, repository, one, name) for one in inside])
    return _file(call, repository, found, name)


def put_contents(call: Call) -> Answer:
    """Make (201) or update (200) a file by a commit; in an empty repository that is the first commit.

    Raises:
        RefusedError: 404, no such branch; 409, `sha` is not the file's or the branch is protected; 422, it is missing, or no base64, or a bad path.
    """
    repository, path = call.repository("write"), _path(call)
    message = call.take("message", str)
    data = decoded(call.take("content", str))
    git, branch, tip = _branch(call, repository)
    old = _entry(git, tip, path) if tip else None
    if old:
        _check_sha(call, old, path)
    sha = objects.write_blob(git, data)
    commit = _commit(
        call, repository, branch, tip, Entry(path, old.mode if old else "100644", "blob", sha), message
    )
    made = Entry(path, "100644", "blob", sha, len(data))
    shown = {"content": _shown(call, repository, made, branch), "commit": commit}
    return Answer(200 if old else 201, shown)


def delete_contents(call: Call) -> Answer:
    """Remove a file by a commit.

    Raises:
        RefusedError: 404, no such branch or file; 409, `sha` is not the file's or the branch is protected; 422, it is missing.
    """
    repository, path = call.repository("write"), _path(call)
    message = call.take("message", str)
    git, branch, tip = _branch(call, repository)
    old = _entry(git, tip, path) if tip else None
    if old is None or old.kind != "blob":
        raise not_found()
    _check_sha(call, old, path)
    commit = _commit(call, repository, branch, tip, Entry(path, "0", "blob", None), message)
    return ok({"content": None, "commit": commit})


def decoded(content: str) -> bytes:
    """A body's base64.

    Raises:
        RefusedError: 422, it is none.
    """
    try:
        return base64.b64decode("".join(content.split()), validate=True)
    except ValueError:
        raise unprocessable("content is not valid Base64") from None


def encoded(data: bytes) -> str:
    """Base64 in lines of 60 characters, as GitHub sends it."""
    text = base64.b64encode(data).decode()
    return "".join(f"{text[start : start + _LINE]}\n" for start in range(0, len(text), _LINE))


def signed(call: Call, role: str, default: Signature) -> Signature:
    """The author or committer that a body names: `{"name", "email"}`."""
    given = typed(role, call.json().get(role), dict)
    if not given:
        return default
    name, email = (typed(field, given.get(field), str) for field in ("name", "email"))
    return Signature(name or default.name, email or default.email, default.date)


def _path(call: Call) -> str:
    path = call.path["path"]
    if not objects.is_path(path):
        raise unprocessable("path contains a malformed path component")
    return path


def _branch(call: Call, repository: Repository) -> tuple[Git, str, str | None]:
    branch = call.opt("branch", str) or repository.default_branch
    branch = branch.removeprefix(refs.HEADS)
    tip = call.forge.branch(repository, branch)
    if tip is None and call.forge.refs.of(repository.id):
        raise RefusedError(404, f"Branch {branch} not found")
    return call.forge.git(repository), branch, tip


def _check_sha(call: Call, old: Entry, path: str) -> None:
    sha = call.opt("sha", str)
    if sha is None:
        raise unprocessable('Invalid request.\n\n"sha" wasn\'t supplied.')
    if sha != old.sha:
        raise conflict(f"{path} does not match {sha}")


def _commit(
    call: Call, repository: Repository, branch: str, tip: str | None, change: Entry, message: str
) -> Json:
    git = call.forge.git(repository)
    committer = signed(call, "committer", signature(call.user))
    tree = objects.write_tree(git, tip, [change])
    people = git.signed(signed(call, "author", committer), committer)
    sha = objects.write_commit(people, tree, [tip] if tip else [], message)
    try:
        refs.check(call.forge, repository, refs.HEADS + branch, sha, call.user)
        refs.move(call.forge, repository, refs.HEADS + branch, sha, call.user)
    except RefusedError as refused:
        verb = "delete" if change.sha is None else "update"
        raise conflict(f"Could not {verb} file: {refused.message}") from None
    return commits.git_commit(call.view, repository, objects.commit(git, sha))


def _entry(git: Git, commit: str, path: str) -> Entry | None:
    return next((one for one in objects.entries(git, commit, path) if one.path == path), None)


def _file(call: Call, repository: Repository, found: Entry, name: str) -> Answer:
    data = objects.blob(call.forge.git(repository), str(found.sha))
    if ".raw" in call.headers.get("accept", ""):
        return Answer(200, data, {"Content-Type": "application/vnd.github.raw; charset=utf-8"})
    shown = _shown(call, repository, found, name)
    return ok({**shown, "content": encoded(data), "encoding": "base64"})


def _shown(call: Call, repository: Repository, found: Entry, name: str) -> Json:
    api, web = repository_url(call.view, repository), f"{call.view.web}/{repository.full_name}"
    url, html = f"{api}/contents/{found.path}?ref={name}", f"{web}/blob/{name}/{found.path}"
    git_url = f"{api}/git/{'trees' if found.kind == 'tree' else 'blobs'}/{found.sha}"
    return {
        "name": posixpath.basename(found.path),
        "path": found.path,
        "sha": found.sha,
        "size": found.size or 0,
        "url": url,
        "html_url": html,
        "git_url": git_url,
        "download_url": f"{web}/raw/{name}/{found.path}" if found.kind == "blob" else None,
        "type": "symlink" if found.mode == "120000" else _KINDS[found.kind],
        "_links": {"self": url, "git": git_url, "html": html},
    }


ENDPOINTS = endpoints(
    REPO + "/contents",
    "repos/contents",
    ("contents",),
    ("GET ", get_contents),
    ("GET /{path:path}", get_contents),
    ("PUT /{path:path}", put_contents),
    ("DELETE /{path:path}", delete_contents),
)

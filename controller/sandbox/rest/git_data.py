"""Git's objects, so that a script can commit several files at once: https://docs.github.com/rest/git."""

from typing import Any

from controller.sandbox.errors import RefusedError, not_found, unprocessable
from controller.sandbox.forge import signature
from controller.sandbox.git import objects
from controller.sandbox.git.cli import Git
from controller.sandbox.git.objects import Entry
from controller.sandbox.nouns import Repository
from controller.sandbox.render.commits import git_commit
from controller.sandbox.render.repositories import repository_url
from controller.sandbox.render.users import Json, node_id
from controller.sandbox.rest.answers import Answer, created, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.contents import decoded, encoded, signed
from controller.sandbox.rest.endpoints import REPO, endpoints
from controller.sandbox.rest.fields import one_of, strings, typed

_MODES = ("100644", "100755", "040000", "160000", "120000")
_TYPES = {"040000": "tree", "160000": "commit"}


def get_blob(call: Call) -> Answer:
    """A blob in base64."""
    repository = call.repository()
    sha, git = _object(call, repository, "blob"), call.git(repository)
    data = objects.blob(git, sha)
    url = f"{repository_url(call.view, repository)}/git/blobs/{sha}"
    name = {"sha": sha, "node_id": node_id("B", repository.id) + sha, "url": url}
    return ok({**name, "size": len(data), "content": encoded(data), "encoding": "base64"})


def create_blob(call: Call) -> Answer:
    """Keep a file's content, given as `utf-8` or `base64`."""
    repository = call.repository("write")
    content, encoding = call.take("content", str), call.opt("encoding", str) or "utf-8"
    one_of("encoding", encoding, ("utf-8", "base64"))
    data = decoded(content) if encoding == "base64" else content.encode()
    sha = objects.write_blob(call.git(repository), data)
    return created({"sha": sha, "url": f"{repository_url(call.view, repository)}/git/blobs/{sha}"})


def get_tree(call: Call) -> Answer:
    """A tree's entries; those of its folders too where `recursive` is given.

    Raises:
        RefusedError: 404, there is no such tree; 409, the repository is empty.
    """
    repository = call.repository()
    return ok(_tree(call, repository, _object(call, repository, "tree"), recursive="recursive" in call.query))


def create_tree(call: Call) -> Answer:
    """Write a tree of entries, on top of `base_tree` if one is given.

    Raises:
        RefusedError: 422, an entry that git cannot keep.
    """
    repository = call.repository("write")
    git, base = call.git(repository), call.opt("base_tree", str)
    if base is not None and objects.resolve(git, base, "tree") is None:
        raise unprocessable("base_tree is not a valid tree oid")
    wanted = [entry for given in call.take("tree", list) for entry in _given(git, given)]
    sha = objects.write_tree(git, base, wanted)
    return created(_tree(call, repository, sha, recursive=False))


def get_commit(call: Call) -> Answer:
    """A commit as an object of git."""
    repository = call.repository()
    found = objects.commit(call.git(repository), _object(call, repository, "commit"))
    return ok(git_commit(call.view, repository, found))


def create_commit(call: Call) -> Answer:
    """Write a commit; no branch moves.

    Raises:
        RefusedError: 422, the tree or a parent does not exist.
    """
    repository = call.repository("write")
    git, message, tree = call.git(repository), call.take("message", str), call.take("tree", str)
    parents = strings("parents", call.json().get("parents"))
    if objects.resolve(git, tree, "tree") != tree:
        raise unprocessable("Tree SHA does not exist")
    if not all(objects.is_sha(sha) and objects.resolve(git, sha) == sha for sha in parents):
        raise unprocessable("Parent SHA does not exist or is not a commit object")
    author = signed(call, "author", signature(call.user))
    people = git.signed(author, signed(call, "committer", author))
    sha = objects.write_commit(people, tree, parents, message)
    return created(git_commit(call.view, repository, objects.commit(git, sha)))


def _object(call: Call, repository: Repository, kind: str) -> str:
    sha = objects.resolve(call.git(repository), call.path["sha"], kind)
    if sha is None:
        raise not_found()
    return sha


def _given(git: Git, given: Any) -> list[Entry]:
    entry: Json = typed("tree/items", given, dict) or {}
    path, mode = entry.get("path"), entry.get("mode", "100644")
    if not isinstance(path, str) or mode not in _MODES:
        raise unprocessable("Must supply a valid tree.mode and tree.path")
    if not objects.is_path(path):
        raise unprocessable("tree.path contains a malformed path component")
    if "content" in entry:
        sha: str | None = objects.write_blob(git, (typed("content", entry["content"], str) or "").encode())
    else:
        sha = typed("sha", entry.get("sha"), str)
    if sha is not None and not objects.is_sha(sha):
        raise unprocessable(f"tree.sha {sha} is not a valid sha")
    if sha and mode == "040000":
        return [Entry(f"{path}/{one.path}", one.mode, one.kind, one.sha) for one in _leaves(git, sha)]
    if sha and mode != "160000" and objects.resolve(git, sha, "blob") is None:
        raise unprocessable(f"tree.sha {sha} is not a valid blob")
    return [Entry(path, mode, _TYPES.get(mode, "blob"), sha)]


def _leaves(git: Git, tree: str) -> list[Entry]:
    if objects.resolve(git, tree, "tree") is None:
        raise RefusedError(422, f"tree.sha {tree} is not a valid tree")
    return [one for one in objects.entries(git, tree, recursive=True) if one.kind != "tree"]


def _tree(call: Call, repository: Repository, sha: str, *, recursive: bool) -> Json:
    url = repository_url(call.view, repository)
    found = objects.entries(call.git(repository), sha, recursive=recursive)
    return {
        "sha": sha,
        "url": f"{url}/git/trees/{sha}",
        "tree": [_shown(url, one) for one in found],
        "truncated": False,
    }


def _shown(url: str, found: Entry) -> Json:
    facts: Json = {"path": found.path, "mode": found.mode, "type": found.kind, "sha": found.sha}
    facts |= {} if found.size is None else {"size": found.size}
    return facts if found.kind == "commit" else {**facts, "url": f"{url}/git/{found.kind}s/{found.sha}"}


ENDPOINTS = (
    *endpoints(
        REPO + "/git/blobs",
        "git/blobs",
        ("contents",),
        ("GET /{sha}", get_blob),
        ("POST ", create_blob),
    ),
    *endpoints(
        REPO + "/git/trees",
        "git/trees",
        ("contents",),
        ("GET /{sha:path}", get_tree),
        ("POST ", create_tree),
    ),
    *endpoints(
        REPO + "/git/commits",
        "git/commits",
        ("contents",),
        ("GET /{sha}", get_commit),
        ("POST ", create_commit),
    ),
)

"""Git refs: https://docs.github.com/rest/git/refs."""

from controller.sandbox.acts import refs
from controller.sandbox.errors import not_found, unprocessable
from controller.sandbox.git.changes import is_ancestor
from controller.sandbox.git.cli import ZERO
from controller.sandbox.git.objects import is_sha, resolve
from controller.sandbox.nouns import Ref, Repository
from controller.sandbox.render.repositories import ref
from controller.sandbox.rest.answers import Answer, created, nothing, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import REPO, endpoints

_PARTS = 3


def get_ref(call: Call) -> Answer:
    """A branch (`heads/main`) or tag (`tags/v1`).

    Raises:
        RefusedError: 404, there is none of that name; 409, the repository is empty.
    """
    repository = call.repository()
    call.git(repository)
    found = call.forge.refs.find((repository.id, f"refs/{call.path['ref']}"))
    if found is None:
        raise not_found()
    return ok(ref(call.view, repository, found))


def list_matching_refs(call: Call) -> Answer:
    """Branches and tags whose name begins so, all of them at once."""
    repository = call.repository()
    call.git(repository)
    found = [
        one for one in call.forge.refs.of(repository.id) if one.name.startswith(f"refs/{call.path['ref']}")
    ]
    return ok([ref(call.view, repository, one) for one in sorted(found, key=lambda one: one.name)])


def create_ref(call: Call) -> Answer:
    """Make a branch or tag.

    Raises:
        RefusedError: 422, no such commit, a name that git refuses, or there is one.
    """
    repository = call.repository("write")
    name, sha = call.take("ref", str), _sha(call, repository)
    valid = call.git(repository).run("check-ref-format", name).returncode == 0
    if not valid or name.count("/") < _PARTS - 1 or not name.startswith(("refs/heads/", "refs/tags/")):
        raise unprocessable(f"{name} is not a valid ref name.")
    if call.forge.refs.find((repository.id, name)):
        raise unprocessable("Reference already exists")
    refs.move(call.forge, repository, name, sha, call.user)
    return created(ref(call.view, repository, _there(call, repository, name)))


def update_ref(call: Call) -> Answer:
    """Move a branch or tag.

    Raises:
        RefusedError: 422, it does not exist, no such commit, no fast-forward without `force`, or protected.
    """
    repository = call.repository("write")
    found = _there(call, repository, f"refs/{call.path['ref']}")
    sha = _sha(call, repository)
    if not call.opt("force", bool) and not is_ancestor(call.git(repository), found.sha, sha):
        raise unprocessable("Update is not a fast forward")
    refs.check(call.forge, repository, found.name, sha, call.user)
    refs.move(call.forge, repository, found.name, sha, call.user)
    return ok(ref(call.view, repository, _there(call, repository, found.name)))


def delete_ref(call: Call) -> Answer:
    """Delete a branch or tag; open pulls of the branch are closed.

    Raises:
        RefusedError: 422, it does not exist, is the default branch, or is protected.
    """
    repository = call.repository("write")
    found = _there(call, repository, f"refs/{call.path['ref']}")
    if found.name == refs.HEADS + repository.default_branch:
        raise unprocessable("Cannot delete the default branch")
    refs.check(call.forge, repository, found.name, ZERO, call.user)
    refs.move(call.forge, repository, found.name, ZERO, call.user)
    return nothing()


def _there(call: Call, repository: Repository, name: str) -> Ref:
    found = call.forge.refs.find((repository.id, name))
    if found is None:
        raise unprocessable("Reference does not exist")
    return found


def _sha(call: Call, repository: Repository) -> str:
    sha = call.take("sha", str)
    if not is_sha(sha) or resolve(call.git(repository), sha) is None:
        raise unprocessable("Object does not exist")
    return sha


ENDPOINTS = endpoints(
    REPO + "/git",
    "git/refs",
    ("contents",),
    ("GET /ref/{ref:path}", get_ref),
    ("GET /refs/{ref:path}", get_ref),
    ("GET /matching-refs/{ref:path}", list_matching_refs),
    ("POST /refs", create_ref),
    ("PATCH /refs/{ref:path}", update_ref),
    ("DELETE /refs/{ref:path}", delete_ref),
)

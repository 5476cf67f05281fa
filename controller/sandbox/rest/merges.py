"""Merges, of pulls and of branches: https://docs.github.com/rest/pulls/pulls#merge-a-pull-request."""

from controller.sandbox.acts import merges, refs
from controller.sandbox.errors import RefusedError, conflict, forbidden, not_found, unprocessable
from controller.sandbox.forge import allows, signature
from controller.sandbox.git import changes, merging, objects
from controller.sandbox.render import commits
from controller.sandbox.render.pulls import pull_url
from controller.sandbox.rest.answers import Answer, created, nothing, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import PULL, REPO, endpoints
from controller.sandbox.rest.fields import one_of
from controller.sandbox.rules import heads


def check_merged(call: Call) -> Answer:
    """204 for a merged pull, 404 for any other."""
    if not call.pull().merged:
        raise not_found()
    return nothing()


def merge_pull(call: Call) -> Answer:
    """Merge a pull.

    Raises:
        RefusedError: 403, the caller may not push; 405 and 409, see `merges.merge`.
    """
    pull = call.pull("write")
    method = one_of("merge_method", call.opt("merge_method", str) or "merge", ("merge", "squash", "rebase"))
    wish = merges.Wish(
        "squash" if method == "squash" else "rebase" if method == "rebase" else "merge",
        call.opt("commit_title", str),
        call.opt("commit_message", str),
        call.opt("sha", str),
    )
    merged = merges.merge(call.forge, pull, call.user, wish)
    return ok({"sha": merged.merge_commit_sha, "merged": True, "message": "Pull Request successfully merged"})


def update_branch(call: Call) -> Answer:
    """Merge the base into the head.

    Raises:
        RefusedError: 403, the caller may not push to the head, neither by role nor as a maintainer of the base; 422,
            `expected_head_sha` is not head's, or see `merges.update_branch`.
    """
    pull = call.pull()
    home = heads.head_repository(call.forge, pull)
    if home is None or not allows(call.view.role(home), "write"):
        pull = call.pull("write")
        if home and not pull.maintainer_can_modify:
            raise forbidden("You do not have permission to push to the head repository.")
    expected = call.opt("expected_head_sha", str)
    if expected is not None and expected != pull.head_sha:
        raise unprocessable("expected head sha didn\u2019t match current head ref.")
    merges.update_branch(call.forge, pull, call.user)
    return Answer(202, {"message": "Updating pull request branch.", "url": pull_url(call.view, pull)})


def merge_branch(call: Call) -> Answer:
    """Merge a branch, tag or commit into a branch; 204 where it is in there already.

    See https://docs.github.com/rest/branches/branches#merge-a-branch.

    Raises:
        RefusedError: 404, base or head does not exist; 409, they are in conflict; 422, the base is protected.
    """
    repository = call.repository("write")
    git, base, head = call.git(repository), call.take("base", str), call.take("head", str)
    old, new = call.forge.branch(repository, base), objects.resolve(git, head)
    if old is None or new is None:
        raise RefusedError(404, f"{'Base' if old is None else 'Head'} does not exist")
    if changes.is_ancestor(git, new, old):
        return nothing()
    message = call.opt("commit_message", str) or f"Merge {head} into {base}"
    made = merging.merge(merging.Sides(git, old, new), signature(call.user), message)
    if made is None:
        raise conflict("Merge conflict")
    refs.check(call.forge, repository, refs.HEADS + base, made, call.user)
    refs.move(call.forge, repository, refs.HEADS + base, made, call.user)
    return created(commits.commit(call.view, repository, objects.commit(git, made)))


ENDPOINTS = (
    *endpoints(
        PULL,
        "pulls/pulls",
        ("pull_requests",),
        ("GET /merge", check_merged),
        ("PUT /update-branch", update_branch),
    ),
    *endpoints(PULL, "pulls/pulls", ("contents",), ("PUT /merge", merge_pull)),
    *endpoints(REPO, "branches/branches", ("contents",), ("POST /merges", merge_branch)),
)

"""Two commits compared: https://docs.github.com/rest/commits/commits#compare-two-commits."""

from collections.abc import Sequence
from urllib.parse import quote

from controller.sandbox.errors import RefusedError, not_found
from controller.sandbox.git import changes, objects
from controller.sandbox.git.cli import Git
from controller.sandbox.nouns import Repository
from controller.sandbox.render import commits
from controller.sandbox.render.repositories import repository_url
from controller.sandbox.render.users import Json
from controller.sandbox.rest.answers import Answer
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import REPO, endpoints
from controller.sandbox.rules import heads

_FILE_LIMIT, _COMMIT_LIMIT = 300, 250


def compare(call: Call) -> Answer:
    """What head has that base has not, since they parted: `base...head`, each a branch, tag, sha or `owner:branch`.

    The commits are paged, oldest first; the files (at most 300) come with the first page only.

    Raises:
        RefusedError: 404, there is no such commit, or they have no history in common.
    """
    repository = call.repository()
    git = call.git(repository)
    base, _, head = call.path["basehead"].partition("...")
    old, new = _resolved(call, repository, git, base), _resolved(call, repository, git, head)
    parted = changes.merge_base(git, old, new)
    if parted is None:
        raise RefusedError(404, f"No common ancestor between {base} and {head}.")
    ahead, behind = changes.between(git, old, new), changes.between(git, new, old)
    shas, headers = _page(call, ahead)
    files = changes.files(git, parted, new)[:_FILE_LIMIT] if call.query.get("page", "1") == "1" else []
    found = {one.sha: one for one in objects.commits(git, {old, parted, *shas})}
    shown = {sha: commits.commit(call.view, repository, one) for sha, one in found.items()}
    body = {
        **_addresses(call, repository, (old, new)),
        "base_commit": shown[old],
        "merge_base_commit": shown[parted],
        **_distance(len(ahead), len(behind)),
        "commits": [shown[sha] for sha in shas],
        "files": [commits.file(call.view, repository, new, one) for one in files],
    }
    return Answer(200, body, headers)


def _page(call: Call, shas: tuple[str, ...]) -> tuple[Sequence[str], dict[str, str]]:
    # Who does not ask for pages gets the newest commits at once.
    paged = "page" in call.query or "per_page" in call.query
    return call.page(shas) if paged else (shas[-_COMMIT_LIMIT:], {})


def _resolved(call: Call, repository: Repository, git: Git, name: str) -> str:
    owner, colon, branch = name.partition(":")
    if not colon:
        found = objects.resolve(git, name)
        if found is None:
            raise not_found()
        return found
    for one in heads.network(call.forge, repository):
        tip = call.forge.branch(one, branch.removeprefix(f"{one.name}:"))
        if one.owner.lower() == owner.lower() and tip:
            if one.id != repository.id:
                heads.bring(call.forge.git(one), git, tip)
            return tip
    raise not_found()


def _distance(ahead: int, behind: int) -> Json:
    words = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}
    status = words.get((ahead > 0, behind > 0), "identical")
    return {"status": status, "ahead_by": ahead, "behind_by": behind, "total_commits": ahead}


def _addresses(call: Call, repository: Repository, ends: tuple[str, str]) -> Json:
    named = quote(call.path["basehead"], safe="/:")
    html = f"{call.view.web}/{repository.full_name}/compare"
    permanent = "...".join(f"{repository.owner}:{sha[:7]}" for sha in ends)
    return {
        "url": f"{repository_url(call.view, repository)}/compare/{named}",
        "html_url": f"{html}/{named}",
        "permalink_url": f"{html}/{permanent}",
        "diff_url": f"{html}/{named}.diff",
        "patch_url": f"{html}/{named}.patch",
    }


ENDPOINTS = endpoints(
    REPO,
    "commits/commits",
    ("contents",),
    ("GET /compare/{basehead:path}", compare),
)

"""Commits and their statuses: https://docs.github.com/rest/commits."""

from controller.sandbox.errors import RefusedError, invalid, not_found, unprocessable
from controller.sandbox.forge import now
from controller.sandbox.git import changes, objects
from controller.sandbox.git.cli import EMPTY_TREE
from controller.sandbox.nouns import Repository, Status
from controller.sandbox.render import commits
from controller.sandbox.render.pulls import latest, summary
from controller.sandbox.rest.answers import Answer, created, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import COMMIT, REPO, endpoints
from controller.sandbox.rest.fields import one_of
from controller.sandbox.webhooks import events

STATUS_LIMIT = 1_000
_DESCRIPTION_LIMIT = 140
_STATES = ("error", "failure", "pending", "success")


def list_commits(call: Call) -> Answer:
    """The history of `sha` (a branch or a sha; default branch), newest first; `path` narrows it.

    Raises:
        RefusedError: 404, there is no such commit; 409, the repository is empty.
    """
    repository = call.repository()
    git = call.git(repository)
    tip = objects.resolve(git, call.query.get("sha") or repository.default_branch)
    if tip is None:
        raise not_found()
    path = call.query.get("path", "").strip("/")
    possible = not path or objects.is_path(path)
    shas, headers = call.page(changes.history(git, tip, path) if possible else [])
    found = objects.commits(git, shas)
    return Answer(200, [commits.commit(call.view, repository, one) for one in found], headers)


def get_commit(call: Call) -> Answer:
    """A commit with the files that it changed."""
    repository = call.repository()
    sha, git = call.commit(repository), call.git(repository)
    found = objects.commit(git, sha)
    files = changes.files(git, found.parents[0] if found.parents else EMPTY_TREE, sha)
    added, deleted = sum(one.additions for one in files), sum(one.deletions for one in files)
    shown = {
        **commits.commit(call.view, repository, found),
        "stats": {"total": added + deleted, "additions": added, "deletions": deleted},
        "files": [commits.file(call.view, repository, sha, one) for one in files],
    }
    return ok(shown)


def list_pulls_of_commit(call: Call) -> Answer:
    """The merged pulls that brought a commit, or the open ones that hold it.

    See https://docs.github.com/rest/commits/commits#list-pull-requests-associated-with-a-commit.
    """
    repository = call.repository()
    sha = call.commit(repository)
    found = [
        pull
        for pull in call.forge.pulls_of(repository)
        if sha in pull.commits or sha in pull.landed or (pull.merged and pull.merge_commit_sha == sha)
    ]
    merged = [pull for pull in found if pull.merged]
    return call.listed(merged or found, lambda pull: summary(call.view, pull))


def get_combined_status(call: Call) -> Answer:
    """What all contexts come to: https://docs.github.com/rest/commits/statuses#get-the-combined-status-for-a-specific-reference."""
    repository = call.repository()
    sha = call.commit(repository)
    found = latest(call.forge.statuses.of((repository.id, sha)))
    shown, headers = call.page(found)
    answer = commits.combined(call.view, repository, sha, shown)
    return Answer(200, {**answer, "state": commits.verdict(found), "total_count": len(found)}, headers)


def list_statuses(call: Call) -> Answer:
    """Every status of a commit, newest first."""
    repository = call.repository()
    found = call.forge.statuses.of((repository.id, call.commit(repository)))
    return call.listed(found[::-1], lambda one: commits.status(call.view, repository, one))


def create_status(call: Call) -> Answer:
    """Set a commit's status for one context; for those who may push.

    Raises:
        RefusedError: 422, no such commit, a wrong state, a description over 140 characters, or the 1,001st status.
    """
    repository = call.repository("write")
    sha = call.path["sha"]
    if not objects.is_sha(sha) or objects.resolve(call.git(repository), sha) != sha:
        raise unprocessable(f"No commit found for SHA: {sha}")
    made = Status(
        repository=repository.id, sha=sha, context=call.opt("context", str) or "default",
        state=one_of("state", call.take("state", str), _STATES), description=_description(call),
        target_url=call.opt("target_url", str), creator=call.user.login, created_at=now(),
    )  # fmt: skip
    _check_limit(call, repository, made)
    added = call.forge.statuses.add(made)
    events.status(call.forge, added, call.user)
    return created(commits.status(call.view, repository, added))


def _check_limit(call: Call, repository: Repository, made: Status) -> None:
    past = call.forge.statuses.of((repository.id, made.sha))
    if sum(one.context == made.context for one in past) >= STATUS_LIMIT:
        message = "This SHA and context has reached the maximum number of statuses."
        raise invalid("Status", message)


def _description(call: Call) -> str | None:
    text = call.opt("description", str)
    if text is not None and len(text) > _DESCRIPTION_LIMIT:
        message = f"description is too long (maximum is {_DESCRIPTION_LIMIT} characters)"
        raise RefusedError(
            422,
            "Validation Failed",
            ({"resource": "Status", "code": "custom", "field": "description", "message": message},),
        )
    return text


ENDPOINTS = (
    *endpoints(
        COMMIT + "/pulls",
        "commits/commits",
        ("pull_requests",),
        ("GET ", list_pulls_of_commit),
    ),
    *endpoints(
        COMMIT,
        "commits/statuses",
        ("statuses",),
        ("GET /status", get_combined_status),
        ("GET /statuses", list_statuses),
    ),
    *endpoints(
        REPO + "/statuses",
        "commits/statuses",
        ("statuses",),
        ("POST /{sha}", create_status),
        ("GET /{ref:path}", list_statuses),
    ),
    *endpoints(
        REPO + "/commits",
        "commits/commits",
        ("contents",),
        ("GET ", list_commits),
        ("GET /{ref:path}", get_commit),
    ),
)

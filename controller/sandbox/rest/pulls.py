"""Pulls: https://docs.github.com/rest/pulls/pulls."""

from dataclasses import replace

from controller.sandbox import changes, events, merges, objects, pulls
from controller.sandbox.errors import invalid, not_found
from controller.sandbox.forge import allows, now, role
from controller.sandbox.nouns import Pull
from controller.sandbox.render import commits
from controller.sandbox.render.pulls import full, summary
from controller.sandbox.render.users import Json, account
from controller.sandbox.rest.answers import Answer, created, nothing, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import COMMIT, PULL, REPO, endpoints
from controller.sandbox.rest.fields import one_of, strings

_SORTS = {
    "created": lambda pull: (pull.created_at, pull.number),
    "updated": lambda pull: (pull.updated_at, pull.number),
    "long-running": lambda pull: (pull.created_at, pull.number),
}
_COMMIT_LIMIT, _FILE_LIMIT = 250, 3_000


def list_pulls(call: Call) -> Answer:
    """Pulls by `state`, `head` (`owner:branch`) and `base`, in the order of `sort` and `direction`."""
    repository, query = call.repository(), call.query
    head, base = query.get("head"), query.get("base")
    found = [
        pull
        for pull in call.forge.pulls_of(repository, query.get("state", "open"))
        if (not head or head.lower() == f"{repository.owner}:{pull.head_ref}".lower())
        and (not base or base == pull.base_ref)
    ]
    return call.listed(_sorted(call, found), lambda pull: summary(call.view, pull))


def _sorted(call: Call, found: list[Pull]) -> list[Pull]:
    sort = call.query.get("sort", "created")
    descending = call.query.get("direction", "desc" if sort == "created" else "asc") == "desc"
    if sort == "popularity":
        return sorted(found, key=lambda pull: len(call.forge.comments.of(pull.id)), reverse=descending)
    return sorted(found, key=_SORTS.get(sort, _SORTS["created"]), reverse=descending)


def create_pull(call: Call) -> Answer:
    """Open a pull between two branches of the repository.

    Raises:
        RefusedError: 403, the caller may not push; 422, see `pulls.open_pull`.
    """
    repository = call.repository("write")
    head = call.take("head", str).removeprefix(f"{repository.owner}:")
    proposal = pulls.Proposal(
        title=_title(call.take("title", str)),
        head=head.removeprefix(f"{repository.name}:"),
        base=call.take("base", str),
        body=_bounded(call.opt("body", str)),
        draft=bool(call.opt("draft", bool)),
    )
    return created(full(call.view, pulls.open_pull(call.forge, repository, call.user, proposal)))


def get_pull(call: Call) -> Answer:
    """A pull, tested against its base's tip; its diff or patch where `Accept` asks for one.

    See https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#media-types.
    """
    pull = call.pull()
    accepted = call.headers.get("accept", "")
    for kind, flag in ((".diff", "-p"), (".patch", "--stdout")):
        if kind in accepted:
            return Answer(200, _as_text(call, pull, flag), {"Content-Type": "text/plain; charset=utf-8"})
    return ok(full(call.view, pulls.tested(call.forge, pull)))


def _as_text(call: Call, pull: Pull, flag: str) -> bytes:
    git = call.git(call.forge.repository_of(pull))
    if flag == "--stdout":
        return git.output("format-patch", "--stdout", f"{pull.base_sha}..{pull.head_sha}")
    return git.output("diff-tree", "-r", "-M", "-p", _common(call, pull), pull.head_sha)


def update_pull(call: Call) -> Answer:
    """Change a pull's title, body, base and state; its author may, and who may push.

    Raises:
        RefusedError: 403 or 422.
    """
    pull = call.pull()
    if pull.user != call.user.login:
        call.repository("triage")
    title, base, state = call.opt("title", str), call.opt("base", str), call.opt("state", str)
    new: Json = {} if title is None else {"title": _title(title)}
    if "body" in call.json():
        new["body"] = _bounded(call.opt("body", str))
    if base is not None:
        new["base_ref"] = base
    if state is not None:
        one_of("state", state, ("open", "closed"))
    changed = pulls.edit(call.forge, pull, call.user, new)
    if state is not None:
        changed = pulls.set_state(call.forge, changed, call.user, "open" if state == "open" else "closed")
    return ok(full(call.view, changed))


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


def list_files(call: Call) -> Answer:
    """The files that differ between head and its merge base with the base, at most 3,000."""
    pull = call.pull()
    repository = call.forge.repository_of(pull)
    found = changes.files(call.git(repository), _common(call, pull), pull.head_sha)[:_FILE_LIMIT]
    return call.listed(found, lambda change: commits.file(call.view, repository, pull.head_sha, change))


def list_commits(call: Call) -> Answer:
    """A pull's commits, oldest first, at most 250."""
    pull = call.pull()
    repository = call.forge.repository_of(pull)
    shas, headers = call.page(pull.commits[:_COMMIT_LIMIT])
    found = objects.commits(call.git(repository), shas)
    return Answer(200, [commits.commit(call.view, repository, one) for one in found], headers)


def list_requested_reviewers(call: Call) -> Answer:
    """Whose review is asked for: https://docs.github.com/rest/pulls/review-requests."""
    pull = call.pull()
    return ok({"users": [account(call.view, login) for login in pull.requested_reviewers], "teams": []})


def request_reviewers(call: Call) -> Answer:
    """Ask people for their review.

    Raises:
        RefusedError: 422, the author or somebody who is no collaborator is asked.
    """
    pull = call.pull("write")
    repository = call.forge.repository_of(pull)
    asked = [call.forge.user(login) for login in strings("reviewers", call.json().get("reviewers"))]
    if any(user.login == pull.user for user in asked):
        raise invalid("PullRequest", "Review cannot be requested from pull request author.")
    if not all(allows(role(repository, user), "read") for user in asked):
        raise invalid("PullRequest", "Reviews may only be requested from collaborators.")
    for user in asked:
        if user.login not in pull.requested_reviewers:
            wanted = (*pull.requested_reviewers, user.login)
            pull = call.forge.pulls.put(replace(pull, requested_reviewers=wanted, updated_at=now()))
            shown = account(call.view, user.login)
            events.pull_request(call.forge, pull, call.user, "review_requested", requested_reviewer=shown)
    return created(summary(call.view, pull))


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


def _common(call: Call, pull: Pull) -> str:
    git = call.git(call.forge.repository_of(pull))
    return changes.merge_base(git, pull.base_sha, pull.head_sha) or pull.base_sha


def _title(text: str) -> str:
    if not text.strip():
        raise invalid("PullRequest", "title can't be blank", "title", "missing_field")
    if len(text) > 256:  # noqa: PLR2004 GitHub's own number
        raise invalid("PullRequest", "title is too long (maximum is 256 characters)", "title")
    return text


def _bounded(text: str | None) -> str | None:
    if text is not None and len(text) > 65_536:  # noqa: PLR2004 GitHub's own number
        raise invalid("PullRequest", "body is too long (maximum is 65536 characters)", "body")
    return text


ENDPOINTS = (
    *endpoints(
        REPO + "/pulls",
        "pulls/pulls",
        ("pull_requests",),
        ("GET ", list_pulls),
        ("POST ", create_pull),
    ),
    *endpoints(
        PULL,
        "pulls/pulls",
        ("pull_requests",),
        ("GET ", get_pull),
        ("PATCH ", update_pull),
        ("GET /merge", check_merged),
        ("PUT /merge", merge_pull),
        ("GET /files", list_files),
        ("GET /commits", list_commits),
    ),
    *endpoints(
        PULL + "/requested_reviewers",
        "pulls/review-requests",
        ("pull_requests",),
        ("GET ", list_requested_reviewers),
        ("POST ", request_reviewers),
    ),
    *endpoints(
        COMMIT + "/pulls",
        "commits/commits",
        ("contents",),
        ("GET ", list_pulls_of_commit),
    ),
)

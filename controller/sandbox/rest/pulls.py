"""Pulls: https://docs.github.com/rest/pulls/pulls."""

from controller.sandbox.acts import pulls
from controller.sandbox.errors import invalid
from controller.sandbox.forge import allows
from controller.sandbox.git import changes, objects
from controller.sandbox.nouns import Pull, Repository
from controller.sandbox.render import commits
from controller.sandbox.render.pulls import full, summary
from controller.sandbox.render.users import Json
from controller.sandbox.rest.answers import Answer, created, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import PULL, REPO, endpoints
from controller.sandbox.rest.fields import one_of
from controller.sandbox.rules import heads

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
        if (not head or head.lower() == f"{heads.head_owner(call.forge, pull)}:{pull.head_ref}".lower())
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
    """Open a pull between two branches of the repository, or from a fork (`head` is `owner:branch` then).

    Raises:
        RefusedError: 403, the caller may push neither to the base nor to the fork; 422, see `pulls.open_pull`.
    """
    repository = call.repository()
    head, fork = _head(call, repository)
    if not allows(call.view.role(fork or repository), "write"):
        call.repository("write")
    proposal = pulls.Proposal(
        title=_title(call.take("title", str)),
        head=head,
        base=call.take("base", str),
        fork=fork,
        body=_bounded(call.opt("body", str)),
        draft=bool(call.opt("draft", bool)),
        maintainer_can_modify=call.opt("maintainer_can_modify", bool) is not False,
    )
    return created(full(call.view, pulls.open_pull(call.forge, repository, call.user, proposal)))


def _head(call: Call, repository: Repository) -> tuple[str, Repository | None]:
    head, named = call.take("head", str), call.opt("head_repo", str)
    owner, colon, branch = head.partition(":")
    if not colon and not named:
        return head, None
    branch = branch if colon else head
    for one in heads.network(call.forge, repository):
        if (not colon or one.owner.lower() == owner.lower()) and named in (None, one.name):
            return branch.removeprefix(f"{one.name}:"), one
    raise invalid("PullRequest", "head is invalid", "head", "invalid")


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
    return ok(full(call.view, edited_pull(call, call.opt("base", str))))


def edited_pull(call: Call, base: str | None) -> Pull:
    """The pull, changed as the body says and on another base if there is one to be; all or nothing of it.

    Raises:
        RefusedError: 403 or 422.
    """
    pull = call.pull()
    if pull.user != call.user.login:
        call.repository("triage")
    title, state = call.opt("title", str), call.opt("state", str)
    new: Json = {} if title is None else {"title": _title(title)}
    if "body" in call.json():
        new["body"] = _bounded(call.opt("body", str))
    if base is not None:
        new["base_ref"] = base
    modify = call.opt("maintainer_can_modify", bool)
    if modify is not None and pull.head_repository:
        new["maintainer_can_modify"] = modify
    if state is not None:
        one_of("state", state, ("open", "closed"))
    if state == "open" and pull.state == "closed":
        pulls.reopened_head(call.forge, pull)
    changed = pulls.edit(call.forge, pull, call.user, new)
    if state is not None:
        changed = pulls.set_state(call.forge, changed, call.user, "open" if state == "open" else "closed")
    return changed


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
    ),
    *endpoints(
        PULL,
        "pulls/pulls",
        ("pull_requests",),
        ("PATCH ", update_pull),
        ("GET /files", list_files),
        ("GET /commits", list_commits),
    ),
)

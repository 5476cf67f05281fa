"""Commits, their files, comments and statuses as GitHub shows them: https://docs.github.com/rest/commits."""

from collections.abc import Iterable
from urllib.parse import quote

from controller.sandbox.forge import instant
from controller.sandbox.git.changes import FileChange
from controller.sandbox.git.cli import Signature
from controller.sandbox.git.objects import Commit
from controller.sandbox.nouns import CommitComment, Repository, Status, User
from controller.sandbox.render.repositories import repository_url, simple_repository
from controller.sandbox.render.users import Json, account, node_id, simple_user
from controller.sandbox.view import View

_UNVERIFIED = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}


def by_email(view: View, email: str) -> User | None:
    """The user whose commits carry a mail address."""
    return next((user for user in view.forge.users.all() if user.email == email), None)


def _signature(found: Signature) -> Json:
    return {"name": found.name, "email": found.email, "date": instant(found.date)}


def git_commit(view: View, repository: Repository, found: Commit) -> Json:
    """A commit as an object of git: https://docs.github.com/rest/git/commits."""
    url = repository_url(view, repository)
    web = f"{view.web}/{repository.full_name}"
    parents = [
        {"sha": sha, "url": f"{url}/git/commits/{sha}", "html_url": f"{web}/commit/{sha}"}
        for sha in found.parents
    ]
    return {
        "sha": found.sha,
        "node_id": node_id("C", repository.id) + found.sha,
        "url": f"{url}/git/commits/{found.sha}",
        "html_url": f"{web}/commit/{found.sha}",
        "author": _signature(found.author),
        "committer": _signature(found.committer),
        "message": found.message,
        "tree": {"sha": found.tree, "url": f"{url}/git/trees/{found.tree}"},
        "parents": parents,
        "verification": _UNVERIFIED,
    }


def commit(view: View, repository: Repository, found: Commit) -> Json:
    """A commit as the history shows it: https://docs.github.com/rest/commits/commits."""
    url = f"{repository_url(view, repository)}/commits/{found.sha}"
    inner = git_commit(view, repository, found)
    parents = [
        {**parent, "url": parent["url"].replace("/git/commits/", "/commits/")} for parent in inner["parents"]
    ]
    comments = view.forge.commit_comments.of((repository.id, found.sha))
    shown = ("author", "committer", "message", "tree", "url", "verification")
    return {
        "sha": found.sha,
        "node_id": inner["node_id"],
        "commit": {**{name: inner[name] for name in shown}, "comment_count": len(comments)},
        "url": url,
        "html_url": inner["html_url"],
        "comments_url": f"{url}/comments",
        "author": _account(view, found.author),
        "committer": _account(view, found.committer),
        "parents": parents,
    }


def _account(view: View, found: Signature) -> Json | None:
    user = by_email(view, found.email)
    return simple_user(view, user) if user else None


def file(view: View, repository: Repository, sha: str, change: FileChange) -> Json:
    """A changed file: https://docs.github.com/rest/pulls/pulls#list-pull-requests-files."""
    web, path = f"{view.web}/{repository.full_name}", quote(change.filename)
    shown = {
        "sha": change.sha,
        "filename": change.filename,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": f"{web}/blob/{sha}/{path}",
        "raw_url": f"{web}/raw/{sha}/{path}",
        "contents_url": f"{repository_url(view, repository)}/contents/{path}?ref={sha}",
    }
    optional = {"patch": change.patch, "previous_filename": change.previous_filename}
    return {**shown, **{name: value for name, value in optional.items() if value is not None}}


def comment(view: View, repository: Repository, found: CommitComment) -> Json:
    """A comment on a commit: https://docs.github.com/rest/commits/comments."""
    return {
        "url": f"{repository_url(view, repository)}/comments/{found.id}",
        "html_url": f"{view.web}/{repository.full_name}/commit/{found.commit_id}#commitcomment-{found.id}",
        "id": found.id,
        "node_id": node_id("CC", found.id),
        "user": account(view, found.user),
        "position": found.position,
        "line": found.line,
        "path": found.path,
        "commit_id": found.commit_id,
        "created_at": found.created_at,
        "updated_at": found.updated_at,
        "author_association": association(view, repository, found.user),
        "body": found.body,
    }


def association(view: View, repository: Repository, login: str) -> str:
    """What an author is to a repository: https://docs.github.com/graphql/reference/enums#commentauthorassociation.

    Returns:
        `OWNER`, `MEMBER` of its organisation, `COLLABORATOR`, `CONTRIBUTOR` (a pull of theirs was merged), or `NONE`.
    """
    owner = view.forge.organizations.find(repository.owner.lower())
    if login == repository.owner:
        return "OWNER"
    if owner and login in owner.members:
        return "MEMBER"
    if login in repository.roles:
        return "COLLABORATOR"
    merged = any(pull.merged and pull.user == login for pull in view.forge.pulls_of(repository, "closed"))
    return "CONTRIBUTOR" if merged else "NONE"


def status(view: View, repository: Repository, found: Status) -> Json:
    """A commit status with its creator: https://docs.github.com/rest/commits/statuses."""
    return {**_simple_status(view, repository, found), "creator": account(view, found.creator)}


def combined(view: View, repository: Repository, sha: str, found: Iterable[Status]) -> Json:
    """A commit's combined status.

    Args:
        view: For whom.
        repository: Where.
        sha: The commit.
        found: The newest status of each context.
    """
    latest = list(found)
    url = f"{repository_url(view, repository)}/commits/{sha}"
    return {
        "state": verdict(latest),
        "statuses": [_simple_status(view, repository, one) for one in latest],
        "sha": sha,
        "total_count": len(latest),
        "repository": simple_repository(view, repository),
        "commit_url": url,
        "url": f"{url}/status",
    }


def verdict(latest: list[Status]) -> str:
    """`failure` if any status failed, `pending` if one is pending or there is none, else `success`."""
    states = {status.state for status in latest}
    if states & {"error", "failure"}:
        return "failure"
    return "success" if states == {"success"} else "pending"


def _simple_status(view: View, repository: Repository, found: Status) -> Json:
    return {
        "url": f"{repository_url(view, repository)}/statuses/{found.sha}",
        "avatar_url": f"{view.web}/avatars/{quote(found.creator)}",
        "id": found.id,
        "node_id": node_id("SC", found.id),
        "state": found.state,
        "description": found.description,
        "target_url": found.target_url,
        "context": found.context,
        "created_at": found.created_at,
        "updated_at": found.created_at,
    }

"""Commits: the history, and one of them with its diff, its statuses and what is said about it."""

from dataclasses import dataclass
from itertools import groupby

from starlette.responses import Response

from controller.sandbox.errors import not_found
from controller.sandbox.forge import instant
from controller.sandbox.git import changes, objects
from controller.sandbox.git.cli import EMPTY_TREE
from controller.sandbox.nouns import Pull, Repository
from controller.sandbox.pages.acting import act, given, go
from controller.sandbox.pages.checks import Checks, checks
from controller.sandbox.pages.diff import shown_files
from controller.sandbox.pages.page import in_repository
from controller.sandbox.pages.places import branches, place
from controller.sandbox.pages.remarks import on_commit
from controller.sandbox.pages.visit import Visit
from controller.sandbox.render.commits import by_email
from controller.sandbox.rest import commit_comments

_PER_PAGE = 35


@dataclass(frozen=True, slots=True)
class ShownCommit:
    """A commit as pages show it; `login` is the author's, None for a stranger."""

    sha: str
    headline: str
    rest: str
    name: str
    login: str | None
    at: str
    checks: Checks


def shown_commit(visit: Visit, found: objects.Commit, repository: Repository | None = None) -> ShownCommit:
    """A commit with its author and its state."""
    user = by_email(visit.view, found.author.email)
    return ShownCommit(
        found.sha,
        found.headline,
        found.rest,
        found.author.name,
        user.login if user else None,
        instant(found.committer.date),
        checks(visit.forge, repository or visit.repository(), found.sha),
    )


def commits_of(visit: Visit, pull: Pull) -> list[ShownCommit]:
    """A pull's commits, oldest first."""
    return [shown_commit(visit, one) for one in objects.commits(visit.git(), pull.commits)]


def by_day(found: list[ShownCommit]) -> list[tuple[str, list[ShownCommit]]]:
    """Commits gathered under their days."""
    return [(day, list(those)) for day, those in groupby(found, lambda one: one.at[:10])]


def history(visit: Visit) -> Response:
    """What led to a branch, newest first; a path narrows it."""
    at = place(visit)
    shas = changes.history(at.git, at.sha, at.path or None)
    start = (visit.page() - 1) * _PER_PAGE
    found = [shown_commit(visit, one) for one in objects.commits(at.git, shas[start : start + _PER_PAGE])]
    return in_repository(
        visit,
        "history.html.j2",
        "code",
        at=at,
        days=by_day(found),
        branches=branches(visit),
        page=visit.page(),
        more=len(shas) > start + _PER_PAGE,
    )


def commit(visit: Visit) -> Response:
    """One commit."""
    sha, git = _sha(visit), visit.git()
    found = objects.commit(git, sha)
    parent = found.parents[0] if found.parents else EMPTY_TREE
    return in_repository(
        visit,
        "commit.html.j2",
        "code",
        commit=shown_commit(visit, found),
        parents=found.parents,
        files=shown_files(changes.files(git, parent, sha)),
        sha=sha,
        remarks=[
            on_commit(visit, one) for one in visit.forge.commit_comments.of((visit.repository().id, sha))
        ],
    )


def comment(visit: Visit) -> Response:
    """Comment on a commit."""
    made = act(visit, commit_comments.create_comment, given(visit, "body"), ref=_sha(visit))
    return go(f"{visit.to('commit', _sha(visit))}#commitcomment-{made['id']}")


def _sha(visit: Visit) -> str:
    sha = objects.resolve(visit.git(), visit.path["sha"])
    if sha is None:
        raise not_found()
    return sha

"""A pull, in four tabs: conversation, commits, checks, files."""

from typing import Any

from starlette.responses import RedirectResponse, Response

from controller.sandbox.acts import pulls
from controller.sandbox.git import changes
from controller.sandbox.git.cli import Git
from controller.sandbox.nouns import Pull
from controller.sandbox.pages.checks import checks
from controller.sandbox.pages.commits import by_day, commits_of
from controller.sandbox.pages.diff import shown_files
from controller.sandbox.pages.merge_box import merge_box
from controller.sandbox.pages.page import in_repository
from controller.sandbox.pages.remarks import EMOJI, on_pull
from controller.sandbox.pages.timeline import timeline
from controller.sandbox.pages.visit import Visit
from controller.sandbox.render.issues import labels


def conversation(visit: Visit) -> Response:
    """What was said and done, and the box to merge with."""
    pull, repository = pulls.tested(visit.forge, visit.pull()), visit.repository()
    return _tab(
        visit,
        "conversation",
        pull,
        opening=on_pull(visit, pull),
        timeline=timeline(visit, pull),
        offered=visit.forge.labels.of(repository.id),
        reviewers=_reviewers(visit, pull),
        landed=checks(visit.forge, repository, pull.merge_commit_sha or "") if pull.merged else None,
        emoji=EMOJI,
    )


def commits(visit: Visit) -> Response:
    """The commits, by day."""
    pull = visit.pull()
    return _tab(visit, "commits", pull, days=by_day(commits_of(visit, pull)))


def checked(visit: Visit) -> Response:
    """The statuses of head, and those of the merge."""
    pull, repository = visit.pull(), visit.repository()
    head = checks(visit.forge, repository, pull.head_sha)
    merged = [checks(visit.forge, repository, pull.merge_commit_sha or "")] if pull.merged else []
    return _tab(visit, "checks", pull, all_checks=[*merged, head])


def files(visit: Visit) -> Response:
    """The diff."""
    pull = visit.pull()
    found = shown_files(changes.files(visit.git(), _common(visit.git(), pull), pull.head_sha))
    return _tab(visit, "files", pull, files=found)


def as_issue(visit: Visit) -> Response:
    """A pull's other address: https://docs.github.com/rest/issues says that every pull is an issue."""
    return RedirectResponse(visit.to("pull", visit.pull().number))


def as_text(visit: Visit) -> Response:
    """`/pull/3.diff` and `/pull/3.patch`."""
    pull, git = visit.pull(), visit.git()
    if visit.path["form"] == "patch":
        text = git.output("format-patch", "--stdout", f"{pull.base_sha}..{pull.head_sha}")
    else:
        text = git.output("diff-tree", "-r", "-M", "-p", _common(git, pull), pull.head_sha)
    return Response(text, headers={"X-Content-Type-Options": "nosniff"}, media_type="text/plain")


def _tab(visit: Visit, name: str, pull: Pull, **values: Any) -> Response:
    shared = {
        "pull": pull,
        "box": merge_box(visit, pull),
        "labels": labels(visit.view, pull),
        "comments": visit.forge.comments.count(pull.id),
        "is_mine": visit.viewer is not None and (visit.viewer.login == pull.user or visit.may("write")),
        "may_triage": visit.may("triage"),
    }
    return in_repository(visit, f"{name}.html.j2", "pulls", pull_tab=name, **shared, **values)


def _reviewers(visit: Visit, pull: Pull) -> list[tuple[str, str]]:
    verdicts = {one.user: one.state for one in visit.forge.reviews.of(pull.id) if one.submitted_at}
    asked = dict.fromkeys(pull.requested_reviewers, "REQUESTED")
    return [(login, state) for login, state in {**verdicts, **asked}.items() if login != pull.user]


def _common(git: Git, pull: Pull) -> str:
    return changes.merge_base(git, pull.base_sha, pull.head_sha) or pull.base_sha

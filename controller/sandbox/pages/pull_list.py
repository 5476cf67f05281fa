"""A repository's pulls, in a list."""

from dataclasses import dataclass

from starlette.responses import Response

from controller.sandbox.nouns import Pull
from controller.sandbox.pages.checks import Checks, checks
from controller.sandbox.pages.page import in_repository
from controller.sandbox.pages.visit import Visit
from controller.sandbox.render.issues import labels
from controller.sandbox.render.users import Json

_PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class Row:
    """A pull in a list."""

    pull: Pull
    checks: Checks
    labels: list[Json]
    comments: int


def listing(visit: Visit) -> Response:
    """The open pulls, or the closed ones, newest first."""
    repository, closed = visit.repository(), visit.query("state") == "closed"
    found = visit.forge.pulls_of(repository, "closed" if closed else "open")[::-1]
    start = (visit.page() - 1) * _PER_PAGE
    return in_repository(
        visit,
        "pulls.html.j2",
        "pulls",
        rows=[_row(visit, pull) for pull in found[start : start + _PER_PAGE]],
        closed=closed,
        closed_pulls=visit.forge.pulls.count((repository.id, "closed")),
        page=visit.page(),
        more=len(found) > start + _PER_PAGE,
    )


def _row(visit: Visit, pull: Pull) -> Row:
    found = checks(visit.forge, visit.repository(), pull.head_sha)
    return Row(pull, found, labels(visit.view, pull), visit.forge.comments.count(pull.id))

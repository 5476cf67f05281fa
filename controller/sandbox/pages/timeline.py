"""What happened to a pull after it was opened, in the order in which it did, as far as the box remembers."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from controller.sandbox.nouns import Happening, Pull, Review
from controller.sandbox.pages.commits import commits_of
from controller.sandbox.pages.remarks import on_conversation, on_review
from controller.sandbox.pages.threads import is_nothing_but_answers, threads
from controller.sandbox.pages.visit import Visit

# What happens within a second is told in this order: a merge is reviewed before, a closing explained before.
_ORDER = ("commit", "said", "done", "merged", "told")
_DONE = {
    "closed": ("closed", "closed this"),
    "reopened": ("open", "reopened this"),
    "labeled": ("tag", "added the label"),
    "unlabeled": ("tag", "removed the label"),
    "converted_to_draft": ("draft", "marked this pull request as draft"),
    "ready_for_review": ("eye", "marked this pull request as ready for review"),
    "locked": ("dot", "locked this conversation and limited it to collaborators"),
    "unlocked": ("dot", "unlocked this conversation"),
    "enqueued": ("branch", "added this pull request to the merge queue"),
    "dequeued": ("branch", "removed this pull request from the merge queue"),
}
"""The picture and the words of what is done to a pull, by its event's action."""
_REASONS = {
    "ALREADY_MERGED": "because it is merged",
    "BRANCH_PROTECTIONS": "due to branch protections",
    "CI_FAILURE": "due to failed status checks",
    "MANUAL": "due to a manual request",
    "MERGE_CONFLICT": "due to a conflict with the base branch",
    "QUEUE_CLEARED": "because the queue was cleared",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened: `kind` says what, `what` holds the commits, the comment or the review."""

    at: str
    kind: str
    login: str | None
    what: Any = None
    id: int = 0


def timeline(visit: Visit, pull: Pull) -> list[Moment]:
    """Everything that happened to a pull, commits that came together as one moment of kind `commits`."""
    found = [*_commits(visit, pull), *_comments(visit, pull), *_reviews(visit, pull), *_done(visit, pull)]
    ordered = sorted(found, key=lambda one: (one.at, _ORDER.index(_rank(pull, one)), one.id))
    told = list[Moment]()
    for (kind, login), those in groupby(ordered, lambda one: (one.kind, one.login)):
        group = list(those)
        together = Moment(group[-1].at, "commits", login, [one.what for one in group])
        told.extend([together] if kind == "commit" else group)
    return told


def _rank(pull: Pull, moment: Moment) -> str:
    if moment.kind == "comment":
        # Within the second of a merge it is about what came of that.
        return "told" if moment.at == pull.merged_at else "said"
    return "said" if moment.kind == "review" else moment.kind


def _commits(visit: Visit, pull: Pull) -> list[Moment]:
    return [
        Moment(one.at, "commit", one.login or one.name, one, number)
        for number, one in enumerate(commits_of(visit, pull))
    ]


def _comments(visit: Visit, pull: Pull) -> list[Moment]:
    said = visit.forge.comments.of(pull.id)
    return [
        Moment(one.created_at, "comment", one.user, on_conversation(visit, pull, one), one.id) for one in said
    ]


def _reviews(visit: Visit, pull: Pull) -> list[Moment]:
    said = [(one.submitted_at, one) for one in visit.forge.reviews.of(pull.id)]
    return [
        Moment(at, "review", one.user, _review(visit, pull, one), one.id)
        for at, one in said
        if at and not is_nothing_but_answers(visit, one)
    ]


def _review(visit: Visit, pull: Pull, found: Review) -> dict[str, Any]:
    return {"review": found, "remark": on_review(visit, pull, found), "threads": threads(visit, pull, found)}


def _done(visit: Visit, pull: Pull) -> list[Moment]:
    happened = [
        one for one in visit.forge.happenings.of(pull.id) if one.action in _DONE and one.about != "MERGE"
    ]
    if pull.merged:
        # The last time that it was closed, it was by its merge.
        last = max((one.id for one in happened if one.action == "closed"), default=0)
        happened = [one for one in happened if one.id != last]
    merged = [Moment(pull.merged_at, "merged", pull.merged_by)] if pull.merged_at else []
    return [*map(_moment, happened), *merged]


def _moment(happening: Happening) -> Moment:
    picture, words = _DONE[happening.action]
    about = _REASONS.get(happening.about, happening.about)
    told = {"icon": picture, "words": words, "about": about}
    return Moment(happening.created_at, "done", happening.user, told, happening.id)

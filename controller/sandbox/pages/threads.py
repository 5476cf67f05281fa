"""What is said about lines of a pull's diff: https://docs.github.com/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests/commenting-on-a-pull-request."""

from dataclasses import dataclass

from controller.sandbox.nouns import Pull, Review, ReviewComment
from controller.sandbox.pages.diff import Line, lines_of
from controller.sandbox.pages.remarks import Remark, on_line
from controller.sandbox.pages.visit import Visit

_LINES_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment on a line, or on a file, with what was answered; `lines` are the diff's that lead to it."""

    first: ReviewComment
    lines: tuple[Line, ...]
    remarks: tuple[Remark, ...]

    @property
    def is_outdated(self) -> bool:
        """Whether the newest diff does not have the line any more."""
        return self.first.line is None and self.first.subject_type == "line"


def threads(visit: Visit, pull: Pull, review: Review) -> list[Thread]:
    """The threads that a review began."""
    said = visit.forge.review_comments.of(pull.id)
    return [
        _thread(visit, pull, said, one) for one in said if one.review == review.id and not one.in_reply_to
    ]


def is_nothing_but_answers(visit: Visit, review: Review) -> bool:
    """Whether a review is only what holds answers, which stand in the threads that they belong to."""
    said = [one for one in visit.forge.review_comments.of(review.pull) if one.review == review.id]
    return bool(said) and not review.body and all(one.in_reply_to for one in said)


def _thread(visit: Visit, pull: Pull, said: list[ReviewComment], first: ReviewComment) -> Thread:
    answers = [one for one in said if one.in_reply_to == first.id]
    lines = tuple(lines_of(first.diff_hunk))[-_LINES_SHOWN:] if first.diff_hunk else ()
    return Thread(first, lines, tuple(on_line(visit, pull, one) for one in (first, *answers)))

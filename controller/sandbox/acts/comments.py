"""Comments on a pull's diff: where they stand, and their life: https://docs.github.com/rest/pulls/comments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from controller.sandbox.errors import invalid
from controller.sandbox.forge import Forge, now
from controller.sandbox.git import changes
from controller.sandbox.nouns import Pull, Review, ReviewComment

Side = Literal["LEFT", "RIGHT"]
_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
_CONTEXT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What somebody says about a file of a diff: on a `line` of a side, at a `position` in its patch, or as a whole."""

    path: str
    body: str
    line: int | None = None
    side: Side = "RIGHT"
    start_line: int | None = None
    start_side: Side | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a patch: its position below the first hunk's header, and its number on either side."""

    position: int
    left: int | None
    right: int | None
    hunk: str


def places(patch: str) -> Iterator[Place]:
    """Every line of a patch that can be commented; `hunk` is the patch up to it, from its hunk's header."""
    left = right = 0
    hunk: list[str] = []
    for position, line in enumerate(patch.split("\n")):
        header = _HUNK.match(line)
        if header:
            left, right, hunk = int(header[1]), int(header[2]), [line]
            continue
        hunk.append(line)
        on_left, on_right = line[:1] in (" ", "-"), line[:1] in (" ", "+")
        yield Place(position, left if on_left else None, right if on_right else None, "\n".join(hunk))
        left, right = left + on_left, right + on_right


def found(patch: str, remark: Remark) -> Place | None:
    """Where a remark stands in a patch; None if there is no such line in it."""
    for place in places(patch):
        here = place.position == remark.position
        if here if remark.line is None else _number(place, remark.side) == remark.line:
            return place
    return None


def _number(place: Place, side: str) -> int | None:
    return place.right if side == "RIGHT" else place.left


def comment(forge: Forge, pull: Pull, review: Review, remark: Remark) -> ReviewComment:
    """Put a remark into a review.

    Raises:
        RefusedError: 422, the file or the line is not part of the diff.
    """
    git = forge.git(forge.repository_of(pull))
    common = changes.merge_base(git, pull.base_sha, review.commit_id) or pull.base_sha
    files = {one.filename: one for one in changes.files(git, common, review.commit_id)}
    if remark.path not in files:
        raise invalid(
            "PullRequestReviewComment", "path could not be resolved", "pull_request_review_thread.path"
        )
    patch = files[remark.path].patch or ""
    whole = remark.line is None and remark.position is None
    place = None if whole else found(patch, remark)
    if place is None and not whole:
        name = "pull_request_review_thread.line"
        raise invalid("PullRequestReviewComment", "line must be part of the diff", name)
    return forge.review_comments.add(_made(pull, review, remark, place))


def reply(forge: Forge, first: ReviewComment, review: Review, body: str) -> ReviewComment:
    """Answer in a comment's thread."""
    at = now()
    thread = first.in_reply_to or first.id
    return forge.review_comments.add(
        replace(
            first, id=0, user=review.user, review=review.id, body=body, created_at=at, updated_at=at,
            in_reply_to=thread,
        )
    )  # fmt: skip


def moved(forge: Forge, pull: Pull) -> None:
    """Follow a head that moved: comments on lines that its diff no longer has are outdated, and have no place in it."""
    standing = forge.review_comments.of(pull.id)
    if not standing:
        return
    git = forge.git(forge.repository_of(pull))
    common = changes.merge_base(git, pull.base_sha, pull.head_sha) or pull.base_sha
    patches = {one.filename: one.patch or "" for one in changes.files(git, common, pull.head_sha)}
    for one in standing:
        forge.review_comments.put(_followed(one, patches.get(one.path), pull.head_sha))


def _followed(one: ReviewComment, patch: str | None, head: str) -> ReviewComment:
    said = one.diff_hunk.rpartition("\n")[2]
    for place in places(patch or ""):
        number = _number(place, one.side)
        if place.hunk.rpartition("\n")[2] == said and number == one.original_line:
            return replace(one, line=number, position=place.position, commit_id=head)
    return one if one.original_line is None else replace(one, line=None, position=None)


def _made(pull: Pull, review: Review, remark: Remark, place: Place | None) -> ReviewComment:
    # A position may be a removed line's, which has a number on the other side only.
    side = "LEFT" if place and _number(place, remark.side) is None else remark.side
    number, position = _number(place, side) if place else None, place.position if place else 1
    return ReviewComment(
        pull=pull.id, review=review.id, user=review.user, body=remark.body, path=remark.path,
        commit_id=review.commit_id, original_commit_id=review.commit_id, diff_hunk=place.hunk if place else "",
        line=number, original_line=number, start_line=remark.start_line, side=side,
        start_side=remark.start_side, position=position, original_position=position,
        created_at=now(), updated_at=now(),
    )  # fmt: skip

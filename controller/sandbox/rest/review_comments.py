"""Comments on a pull's diff: https://docs.github.com/rest/pulls/comments."""

from dataclasses import replace

from controller.sandbox.acts import comments
from controller.sandbox.acts.comments import Remark, Side
from controller.sandbox.errors import not_found, unprocessable
from controller.sandbox.forge import now
from controller.sandbox.nouns import Pull, Review, ReviewComment
from controller.sandbox.render.reviews import review_comment
from controller.sandbox.render.users import Json
from controller.sandbox.rest.answers import Answer, created, nothing, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import PULL, REPO, endpoints
from controller.sandbox.rest.fields import one_of, typed
from controller.sandbox.rest.issues import check_own, comment_body
from controller.sandbox.rules.visibility import is_seen
from controller.sandbox.webhooks import events

_SIDES = ("LEFT", "RIGHT")


def list_on_pull(call: Call) -> Answer:
    """The comments on a pull's diff, oldest first; those of a pending review are shown to its author only."""
    return _listed(call, call.forge.review_comments.of(call.pull().id))


def list_in_repository(call: Call) -> Answer:
    """The comments on all pulls' diffs, oldest first."""
    pulls = call.forge.pulls_of(call.repository())
    return _listed(call, [one for pull in pulls for one in call.forge.review_comments.of(pull.id)])


def create_comment(call: Call) -> Answer:
    """Comment on a line of a pull's diff, or on a file (`subject_type`), or answer (`in_reply_to`).

    Raises:
        RefusedError: 422, an empty body, or a file or line that is not part of the diff.
    """
    pull = call.pull()
    if call.opt("in_reply_to", int) is not None:
        return create_reply(call.at(comment_id=str(call.take("in_reply_to", int))))
    given = remark(call.json() | {"body": comment_body(call, "PullRequestReviewComment")})
    head = call.take("commit_id", str)
    if head != pull.head_sha and head not in pull.commits:
        raise unprocessable("commit_id is not part of the pull request")
    if given.line is None and given.position is None and call.opt("subject_type", str) != "file":
        raise unprocessable('Invalid request.\n\nNo subschema in "oneOf" matched.\n"line" wasn\'t supplied.')
    made = comments.comment(call.forge, pull, _draft(call, pull, head), given)
    return _told(call, replace(made, review=_review(call, pull, head).id))


def create_reply(call: Call) -> Answer:
    """Answer in a comment's thread."""
    pull, first = call.pull(), found_comment(call)
    if first.pull != pull.id:
        raise not_found()
    body = comment_body(call, "PullRequestReviewComment")
    return _told(call, comments.reply(call.forge, first, _review(call, pull, first.commit_id), body))


def get_comment(call: Call) -> Answer:
    """A comment."""
    return ok(review_comment(call.view, found_comment(call)))


def update_comment(call: Call) -> Answer:
    """Edit a comment; its author may, and who may push."""
    found, body = found_comment(call), comment_body(call, "PullRequestReviewComment")
    check_own(call, found.user)
    edited = call.forge.review_comments.put(replace(found, body=body, updated_at=now()))
    if body != found.body:
        was = {"body": {"from": found.body}}
        events.review_comment(call.forge, edited, call.user, "edited", changes=was)
    return ok(review_comment(call.view, edited))


def delete_comment(call: Call) -> Answer:
    """Delete a comment; its author may, and who may push."""
    found = found_comment(call)
    check_own(call, found.user)
    call.forge.review_comments.drop(found)
    events.review_comment(call.forge, found, call.user, "deleted")
    return nothing()


def found_comment(call: Call) -> ReviewComment:
    """The comment in the path.

    Raises:
        RefusedError: 404, there is none in this repository that the caller may see.
    """
    repository = call.repository()
    found = call.forge.review_comments.get(call.number("comment_id"))
    if found is None or call.forge.pull(found.pull).repository != repository.id or not _is_seen(call, found):
        raise not_found()
    return found


def remark(given: Json) -> Remark:
    """What a body says about a line.

    Raises:
        RefusedError: 422, a field is missing, or of another form.
    """
    sides = {name: typed(name, given.get(name), str) for name in ("side", "start_side")}
    for name, side in sides.items():
        one_of(name, side or "RIGHT", _SIDES)
    path, body = (typed(name, given.get(name), str) for name in ("path", "body"))
    if not path or not body:
        raise unprocessable(f'Invalid request.\n\n"{"body" if path else "path"}" wasn\'t supplied.')
    return Remark(
        path=path,
        body=body,
        line=typed("line", given.get("line"), int),
        side=_side(sides["side"]),
        start_line=typed("start_line", given.get("start_line"), int),
        start_side=_side(sides["start_side"]) if sides["start_side"] else None,
        position=typed("position", given.get("position"), int),
    )


def _side(name: str | None) -> Side:
    return "LEFT" if name == "LEFT" else "RIGHT"


def _listed(call: Call, found: list[ReviewComment]) -> Answer:
    key = "updated_at" if call.query.get("sort") == "updated" else "created_at"
    since, backwards = call.query.get("since", ""), call.query.get("direction") == "desc"
    seen = [one for one in found if one.updated_at >= since and _is_seen(call, one)]
    seen.sort(key=lambda one: (getattr(one, key), one.id), reverse=backwards)
    return call.listed(seen, lambda one: review_comment(call.view, one))


def _is_seen(call: Call, found: ReviewComment) -> bool:
    return is_seen(call.forge, call.view.viewer, found)


def _draft(call: Call, pull: Pull, commit_id: str) -> Review:
    return Review(
        pull=pull.id,
        user=call.user.login,
        state="COMMENTED",
        body="",
        commit_id=commit_id,
        submitted_at=now(),
    )


def _review(call: Call, pull: Pull, commit_id: str) -> Review:
    # As on GitHub, a comment that stands alone is a review of its own, without words.
    added = call.forge.reviews.add(_draft(call, pull, commit_id))
    events.review(call.forge, added, call.user, "submitted")
    return added


def _told(call: Call, made: ReviewComment) -> Answer:
    kept = call.forge.review_comments.put(made)
    events.review_comment(call.forge, kept, call.user, "created")
    return created(review_comment(call.view, kept))


ENDPOINTS = (
    *endpoints(
        REPO + "/pulls/comments",
        "pulls/comments",
        ("pull_requests",),
        ("GET ", list_in_repository),
        ("GET /{comment_id}", get_comment),
        ("PATCH /{comment_id}", update_comment),
        ("DELETE /{comment_id}", delete_comment),
    ),
    *endpoints(
        PULL + "/comments",
        "pulls/comments",
        ("pull_requests",),
        ("GET ", list_on_pull),
        ("POST ", create_comment),
        ("POST /{comment_id}/replies", create_reply),
    ),
)

"""Reviews: https://docs.github.com/rest/pulls/reviews."""

from dataclasses import replace

from controller.sandbox.acts import comments, review_requests
from controller.sandbox.errors import RefusedError, entity, invalid, not_found
from controller.sandbox.forge import now
from controller.sandbox.nouns import Pull, Review, ReviewComment
from controller.sandbox.render.reviews import review, review_comment
from controller.sandbox.rest.answers import Answer, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import PULL, endpoints
from controller.sandbox.rest.fields import one_of, typed
from controller.sandbox.rest.review_comments import remark
from controller.sandbox.rules.visibility import is_seen
from controller.sandbox.webhooks import events

_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


def list_reviews(call: Call) -> Answer:
    """A pull's reviews, oldest first; pending ones are shown to their authors only."""
    found = [
        one for one in call.forge.reviews.of(call.pull().id) if is_seen(call.forge, call.view.viewer, one)
    ]
    return call.listed(found, lambda one: review(call.view, one))


def get_review(call: Call) -> Answer:
    """A review."""
    return ok(review(call.view, _review(call)))


def create_review(call: Call) -> Answer:
    """Review a pull, with `comments` on lines of its diff; without `event` the review stays pending.

    Raises:
        RefusedError: 422, it has no body where it needs one, judges the caller's own pull, names a foreign commit, or
            the caller has a pending review of the pull.
    """
    pull = call.pull()
    event, body = call.opt("event", str), call.opt("body", str) or ""
    commit_id = call.opt("commit_id", str) or pull.head_sha
    if commit_id != pull.head_sha and commit_id not in pull.commits:
        raise entity("The commit_id is not part of the pull request")
    pending = Review(
        pull=pull.id, user=call.user.login, state="PENDING", body=body, commit_id=commit_id, submitted_at=None
    )
    if event is None and any(_is_mine(call, one) for one in call.forge.reviews.of(pull.id)):
        raise entity("User can only have one pending review per pull request")
    made = pending if event is None else _judged(call, pull, pending, event)
    added = _with_remarks(call, pull, made)
    return ok(review(call.view, added)) if event is None else _submitted(call, pull, added)


def update_review(call: Call) -> Answer:
    """Change the words of a review.

    Raises:
        RefusedError: 404, it is somebody else's.
    """
    found, body = _own(call), call.take("body", str)
    changed = call.forge.reviews.put(replace(found, body=body))
    if found.submitted_at and body != found.body:
        was = {"body": {"from": found.body}}
        events.review(call.forge, changed, call.user, "edited", changes=was)
    return ok(review(call.view, changed))


def delete_review(call: Call) -> Answer:
    """Delete a review that was never submitted, with its comments.

    Raises:
        RefusedError: 404, it is somebody else's; 422, it was submitted.
    """
    found = _own(call)
    if found.submitted_at:
        raise entity("Can not delete a non-pending pull request review")
    _forget(call, found)
    return ok(review(call.view, found))


def list_comments(call: Call) -> Answer:
    """The comments on lines that belong to a review."""
    found = _review(call)
    return call.listed(_inside(call, found), lambda one: review_comment(call.view, one))


def submit_review(call: Call) -> Answer:
    """Submit a pending review.

    Raises:
        RefusedError: 404, it is somebody else's; 422, it was submitted before, or as for `create_review`.
    """
    found, pull = _own(call), call.pull()
    if found.submitted_at:
        raise entity("Could not submit pull request review.")
    body = call.opt("body", str)
    changed = found if body is None else replace(found, body=body)
    judged = _judged(call, pull, changed, call.take("event", str))
    return _submitted(call, pull, call.forge.reviews.put(judged))


def dismiss_review(call: Call) -> Answer:
    """Dismiss a review that approved or asked for changes.

    Raises:
        RefusedError: 403, the caller may not push; 422, it is no such review.
    """
    call.repository("write")
    found = _review(call)
    call.take("message", str)
    if found.state not in ("APPROVED", "CHANGES_REQUESTED"):
        raise entity("Can not dismiss a commented pull request review")
    dismissed = call.forge.reviews.put(replace(found, state="DISMISSED"))
    events.review(call.forge, dismissed, call.user, "dismissed")
    return ok(review(call.view, dismissed))


def _judged(call: Call, pull: Pull, pending: Review, event: str) -> Review:
    state = _STATES[one_of("event", event, _STATES)]
    if pull.user == call.user.login and event != "COMMENT":
        verb = "approve" if event == "APPROVE" else "request changes on"
        raise entity(f"Can not {verb} your own pull request")
    remarks = _inside(call, pending) if pending.id else call.json().get("comments")
    if event != "APPROVE" and not pending.body and not (remarks and event == "COMMENT"):
        raise invalid("PullRequestReview", "body can't be blank", "body", "missing_field")
    return replace(pending, state=state, submitted_at=now())


def _with_remarks(call: Call, pull: Pull, made: Review) -> Review:
    given = [remark(typed("comments/items", one, dict) or {}) for one in call.opt("comments", list) or []]
    added = call.forge.reviews.add(made)
    try:
        for one in given:
            comments.comment(call.forge, pull, added, one)
    except RefusedError:
        _forget(call, added)
        raise
    return added


def _submitted(call: Call, pull: Pull, judged: Review) -> Answer:
    review_requests.answered(call.forge, pull, judged.user)
    events.review(call.forge, judged, call.user, "submitted")
    for one in _inside(call, judged):
        events.review_comment(call.forge, one, call.user, "created")
    return ok(review(call.view, judged))


def _review(call: Call) -> Review:
    found = call.forge.reviews.get(call.number("review_id"))
    pull = call.pull()
    if found is None or found.pull != pull.id or not is_seen(call.forge, call.view.viewer, found):
        raise not_found()
    return found


def _own(call: Call) -> Review:
    found = _review(call)
    if found.user != call.user.login:
        raise not_found()
    return found


def _inside(call: Call, found: Review) -> list[ReviewComment]:
    return [one for one in call.forge.review_comments.of(found.pull) if one.review == found.id]


def _forget(call: Call, found: Review) -> None:
    for one in _inside(call, found):
        call.forge.review_comments.drop(one)
    call.forge.reviews.drop(found)


def _is_mine(call: Call, one: Review) -> bool:
    return one.submitted_at is None and one.user == call.user.login


ENDPOINTS = endpoints(
    PULL + "/reviews",
    "pulls/reviews",
    ("pull_requests",),
    ("GET ", list_reviews),
    ("POST ", create_review),
    ("GET /{review_id}", get_review),
    ("PUT /{review_id}", update_review),
    ("DELETE /{review_id}", delete_review),
    ("GET /{review_id}/comments", list_comments),
    ("POST /{review_id}/events", submit_review),
    ("PUT /{review_id}/dismissals", dismiss_review),
)

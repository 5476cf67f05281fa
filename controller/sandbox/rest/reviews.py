"""Reviews: https://docs.github.com/rest/pulls/reviews."""

from dataclasses import replace

from controller.sandbox import events
from controller.sandbox.errors import entity, invalid, not_found
from controller.sandbox.forge import now
from controller.sandbox.nouns import Pull, Review
from controller.sandbox.render.pulls import review
from controller.sandbox.rest.answers import Answer, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import PULL, endpoints
from controller.sandbox.rest.fields import one_of

_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


def list_reviews(call: Call) -> Answer:
    """A pull's reviews, oldest first; pending ones are shown to their authors only."""
    me = call.user.login
    found = [one for one in call.forge.reviews.of(call.pull().id) if one.submitted_at or one.user == me]
    return call.listed(found, lambda one: review(call.view, one))


def get_review(call: Call) -> Answer:
    """A review."""
    return ok(review(call.view, _review(call)))


def create_review(call: Call) -> Answer:
    """Review a pull; without `event` the review stays pending.

    Raises:
        RefusedError: 422, it has no body where it needs one, judges the caller's own pull, or names a foreign commit.
    """
    pull = call.pull()
    event, body = call.opt("event", str), call.opt("body", str) or ""
    commit_id = call.opt("commit_id", str) or pull.head_sha
    if commit_id != pull.head_sha and commit_id not in pull.commits:
        raise entity("The commit_id is not part of the pull request")
    pending = Review(
        pull=pull.id, user=call.user.login, state="PENDING", body=body, commit_id=commit_id, submitted_at=None
    )
    if event is None:
        return ok(review(call.view, call.forge.reviews.add(pending)))
    return _submitted(call, pull, _judged(call, pull, pending, event))


def submit_review(call: Call) -> Answer:
    """Submit a pending review.

    Raises:
        RefusedError: 404, it is somebody else's; 422, it was submitted before, or as for `create_review`.
    """
    found, pull = _review(call), call.pull()
    if found.user != call.user.login:
        raise not_found()
    if found.submitted_at:
        raise entity("Could not submit pull request review.")
    body = call.opt("body", str)
    changed = found if body is None else replace(found, body=body)
    return _submitted(call, pull, _judged(call, pull, changed, call.take("event", str)))


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
    if event != "APPROVE" and not pending.body:
        raise invalid("PullRequestReview", "body can't be blank", "body", "missing_field")
    return replace(pending, state=state, submitted_at=now())


def _submitted(call: Call, pull: Pull, judged: Review) -> Answer:
    found = call.forge.reviews.put(judged) if judged.id else call.forge.reviews.add(judged)
    left = tuple(login for login in pull.requested_reviewers if login != judged.user)
    call.forge.pulls.put(replace(pull, requested_reviewers=left, updated_at=now()))
    events.review(call.forge, found, call.user, "submitted")
    return ok(review(call.view, found))


def _review(call: Call) -> Review:
    found = call.forge.reviews.get(call.number("review_id"))
    if found is None or found.pull != call.pull().id:
        raise not_found()
    return found


ENDPOINTS = endpoints(
    PULL + "/reviews",
    "pulls/reviews",
    ("pull_requests",),
    ("GET ", list_reviews),
    ("POST ", create_review),
    ("GET /{review_id}", get_review),
    ("POST /{review_id}/events", submit_review),
    ("PUT /{review_id}/dismissals", dismiss_review),
)

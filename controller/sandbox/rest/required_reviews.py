"""Which reviews a protected branch asks for: https://docs.github.com/rest/branches/branch-protection."""

from dataclasses import replace

from controller.sandbox.errors import not_found, unprocessable
from controller.sandbox.nouns import RequiredReviews
from controller.sandbox.render.protection import REVIEW_RULES, required_reviews
from controller.sandbox.render.users import Json
from controller.sandbox.rest.answers import Answer, nothing, ok
from controller.sandbox.rest.branches import BRANCH, protected
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import endpoints
from controller.sandbox.rest.fields import typed

_COUNT, _MOST = "required_approving_review_count", 6


def get_required_reviews(call: Call) -> Answer:
    """Which reviews it asks for; 404 where none."""
    return ok(required_reviews(call.view, _found(call)))


def update_required_reviews(call: Call) -> Answer:
    """Change which reviews it asks for; from now on it asks for some."""
    found = protected(call)
    old = call.forge.required_reviews.find((found.repository, found.branch))
    base = old or RequiredReviews(repository=found.repository, branch=found.branch)
    new = changed(base, call.json())
    kept = call.forge.required_reviews.put(new) if old else call.forge.required_reviews.add(new)
    return ok(required_reviews(call.view, kept))


def delete_required_reviews(call: Call) -> Answer:
    """Ask for no reviews."""
    call.forge.required_reviews.drop(_found(call))
    return nothing()


def changed(old: RequiredReviews, given: Json) -> RequiredReviews:
    """What a body makes of it.

    Raises:
        RefusedError: 422, a value of the wrong type, or not between 0 and 6 reviews.
    """
    switches = {name: typed(name, given.get(name), bool) for name in REVIEW_RULES}
    new: Json = {name: value for name, value in switches.items() if value is not None}
    count = typed(_COUNT, given.get(_COUNT), int)
    if count is not None and not 0 <= count <= _MOST:
        raise unprocessable(f"Invalid request.\n\n{count} must be between 0 and {_MOST}.")
    return replace(old, **new | ({} if count is None else {_COUNT: count}))


def _found(call: Call) -> RequiredReviews:
    protection = protected(call)
    found = call.forge.required_reviews.find((protection.repository, protection.branch))
    if found is None:
        raise not_found()
    return found


ENDPOINTS = endpoints(
    BRANCH + "/protection/required_pull_request_reviews",
    "branches/branch-protection",
    ("administration",),
    ("GET ", get_required_reviews),
    ("PATCH ", update_required_reviews),
    ("DELETE ", delete_required_reviews),
)

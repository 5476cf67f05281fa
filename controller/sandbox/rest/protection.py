"""Branch protection: https://docs.github.com/rest/branches/branch-protection."""

from dataclasses import replace

from controller.sandbox.errors import RefusedError, unprocessable
from controller.sandbox.forge import Forge
from controller.sandbox.nouns import Protection, Repository, RequiredChecks, RequiredReviews
from controller.sandbox.render import protection as shown
from controller.sandbox.render.users import Json
from controller.sandbox.rest import required_checks, required_reviews
from controller.sandbox.rest.answers import Answer, nothing, ok
from controller.sandbox.rest.branches import BRANCH, administered, found_branch, protected
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import endpoints

_REVIEWS, _CHECKS = "required_pull_request_reviews", "required_status_checks"
_NEEDED = (_CHECKS, "enforce_admins", _REVIEWS, "restrictions")


def get_protection(call: Call) -> Answer:
    """A branch's protection.

    Raises:
        RefusedError: 404, "Branch not protected" or "Branch not found".
    """
    return ok(shown.protection(call.view, protected(call)))


def put_protection(call: Call) -> Answer:
    """Protect a branch, in place of how it was protected; people and teams that may push or bypass are not kept.

    Raises:
        RefusedError: 404, no such branch; 422, one of the four fields that there must be is missing,
            or one is asked for that the box does not know: `restrictions`, or that conversations are resolved.
    """
    repository = administered(call)
    at: Json = {"repository": repository.id, "branch": call.path["branch"]}
    found_branch(call, repository)
    for name in _NEEDED:
        if name not in call.json():
            raise unprocessable(f'Invalid request.\n\n"{name}" wasn\'t supplied.')
    if call.opt("restrictions", dict) is not None:
        raise unprocessable("Restrictions are not supported here.")
    if call.opt("required_conversation_resolution", bool):
        raise unprocessable("Conversations cannot be resolved here.")
    reviews, checks = call.opt(_REVIEWS, dict), call.opt(_CHECKS, dict)
    switches: Json = {name: bool(call.opt(name, bool)) for name in ("enforce_admins", *shown.SWITCHES)}
    asked = None if reviews is None else required_reviews.changed(RequiredReviews(**at), reviews)
    needed = None if checks is None else required_checks.changed(RequiredChecks(**at), checks)
    _drop(call.forge, repository, call.path["branch"])
    made = call.forge.protections.add(Protection(**at, **switches))
    if asked:
        call.forge.required_reviews.add(asked)
    if needed:
        call.forge.required_checks.add(needed)
    return ok(shown.protection(call.view, made))


def delete_protection(call: Call) -> Answer:
    """Protect a branch no longer."""
    found = protected(call)
    _drop(call.forge, call.forge.repository(found.repository), found.branch)
    return nothing()


def get_enforce_admins(call: Call) -> Answer:
    """Whether administrators have to keep to it."""
    return ok(shown.enforce_admins(call.view, protected(call)))


def add_enforce_admins(call: Call) -> Answer:
    """Have administrators keep to it."""
    changed = call.forge.protections.put(replace(protected(call), enforce_admins=True))
    return ok(shown.enforce_admins(call.view, changed))


def remove_enforce_admins(call: Call) -> Answer:
    """Let administrators pass."""
    call.forge.protections.put(replace(protected(call), enforce_admins=False))
    return nothing()


def get_restrictions(call: Call) -> Answer:
    """Who alone may push: never anybody in particular."""
    protected(call)
    raise RefusedError(404, "Push restrictions not enabled")


def _drop(forge: Forge, repository: Repository, branch: str) -> None:
    key = repository.id, branch
    if found := forge.protections.find(key):
        forge.protections.drop(found)
    if reviews := forge.required_reviews.find(key):
        forge.required_reviews.drop(reviews)
    if checks := forge.required_checks.find(key):
        forge.required_checks.drop(checks)


ENDPOINTS = endpoints(
    BRANCH + "/protection",
    "branches/branch-protection",
    ("administration",),
    ("GET ", get_protection),
    ("PUT ", put_protection),
    ("DELETE ", delete_protection),
    ("GET /enforce_admins", get_enforce_admins),
    ("POST /enforce_admins", add_enforce_admins),
    ("DELETE /enforce_admins", remove_enforce_admins),
    ("GET /restrictions", get_restrictions),
)

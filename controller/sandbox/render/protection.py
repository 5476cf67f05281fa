"""The protection of a branch as GitHub shows it: https://docs.github.com/rest/branches/branch-protection."""

from urllib.parse import quote

from controller.sandbox.nouns import Protection, RequiredChecks, RequiredReviews
from controller.sandbox.render.repositories import repository_url
from controller.sandbox.render.users import Json
from controller.sandbox.view import View

SWITCHES = (
    "required_linear_history", "allow_force_pushes", "allow_deletions", "block_creations",
    "required_conversation_resolution", "lock_branch", "allow_fork_syncing",
)  # fmt: skip
REVIEW_RULES = ("dismiss_stale_reviews", "require_code_owner_reviews", "require_last_push_approval")


def protection(view: View, found: Protection) -> Json:
    """A branch's whole protection; what is not required is left out."""
    key = (found.repository, found.branch)
    wanted, checks = view.forge.required_reviews.find(key), view.forge.required_checks.find(key)
    return {
        "url": protection_url(view, found),
        **({"required_status_checks": required_checks(view, checks)} if checks else {}),
        **({"required_pull_request_reviews": required_reviews(view, wanted)} if wanted else {}),
        "required_signatures": {
            "url": f"{protection_url(view, found)}/required_signatures",
            "enabled": False,
        },
        "enforce_admins": enforce_admins(view, found),
        **{name: {"enabled": getattr(found, name)} for name in SWITCHES},
    }


def enforce_admins(view: View, found: Protection) -> Json:
    """Whether administrators have to keep to it."""
    return {"url": f"{protection_url(view, found)}/enforce_admins", "enabled": found.enforce_admins}


def required_reviews(view: View, found: RequiredReviews) -> Json:
    """Which reviews it asks for."""
    return {
        "url": f"{protection_url(view, found)}/required_pull_request_reviews",
        **{name: getattr(found, name) for name in REVIEW_RULES},
        "required_approving_review_count": found.required_approving_review_count,
    }


def required_checks(view: View, found: RequiredChecks) -> Json:
    """Which statuses it asks for."""
    url = f"{protection_url(view, found)}/required_status_checks"
    return {
        "url": url,
        "strict": found.strict,
        "contexts": list(found.contexts),
        "contexts_url": f"{url}/contexts",
        "checks": [{"context": context, "app_id": None} for context in found.contexts],
    }


def protection_url(view: View, found: Protection | RequiredChecks | RequiredReviews) -> str:
    """Its address."""
    repository = view.forge.repository(found.repository)
    return f"{repository_url(view, repository)}/branches/{quote(found.branch)}/protection"

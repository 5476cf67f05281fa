"""The rate limits, told and kept: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api."""

from controller.sandbox.errors import RefusedError
from controller.sandbox.forge import Forge
from controller.sandbox.limits import MINUTE, NOBODY, Rate, Resource
from controller.sandbox.nouns import Caller, InstallationToken, User
from controller.sandbox.render.users import Json
from controller.sandbox.rest.answers import Answer, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import DOCS, Endpoint

_PAGE = f"{DOCS}/using-the-rest-api/rate-limits-for-the-rest-api"
_BLOCKED = (
    "You have exceeded a secondary rate limit and have been temporarily blocked from content creation."
    " Please retry your request again later."
)


def payer(caller: Caller) -> int:
    """Against whose limit a call counts; an installation's tokens share one."""
    if isinstance(caller, InstallationToken):
        return caller.installation
    return caller.id if caller else NOBODY


def charge(forge: Forge, caller: Caller, endpoint: Endpoint) -> None:
    """Count a call.

    Raises:
        RefusedError: 403, the caller has none left, or makes too much in too short a time.
    """
    if endpoint.resource is None:
        return
    if not forge.meter.spend(payer(caller), endpoint.resource):
        raise RefusedError(403, f"API rate limit exceeded for {_named(caller)}.", docs=_PAGE)
    if endpoint.method != "GET" and endpoint.resource == "core" and not forge.meter.write(payer(caller)):
        about = f"{_PAGE}#about-secondary-rate-limits"
        raise RefusedError(403, _BLOCKED, docs=about, headers={"Retry-After": str(MINUTE)})


def headers(rate: Rate) -> dict[str, str]:
    """What every answer tells of a caller's limit."""
    return {
        "X-RateLimit-Limit": str(rate.limit),
        "X-RateLimit-Remaining": str(rate.remaining),
        "X-RateLimit-Used": str(rate.used),
        "X-RateLimit-Reset": str(rate.reset),
        "X-RateLimit-Resource": rate.resource,
    }


def get_rate_limit(call: Call) -> Answer:
    """What is left of the caller's limits; asking costs nothing."""
    core, graphql = (_shown(call, resource) for resource in ("core", "graphql"))
    search = {**core, "limit": 30, "remaining": 30, "used": 0}
    return ok({"resources": {"core": core, "search": search, "graphql": graphql}, "rate": core})


def _shown(call: Call, resource: Resource) -> Json:
    rate = call.forge.meter.rate(payer(call.view.caller), resource)
    return {"limit": rate.limit, "used": rate.used, "remaining": rate.remaining, "reset": rate.reset}


def _named(caller: Caller) -> str:
    if isinstance(caller, User):
        return f"user ID {caller.id}"
    if isinstance(caller, InstallationToken):
        return f"installation ID {caller.installation}"
    return f"app ID {caller.id}" if caller else "anonymous requests"


ENDPOINTS = (Endpoint("GET", "/rate_limit", get_rate_limit, f"{DOCS}/rate-limit/rate-limit", resource=None),)

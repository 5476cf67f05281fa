"""Every endpoint of the REST API, in the order in which an address is looked up."""

from itertools import chain

from controller.sandbox.rest import (
    apps,
    branches,
    codeowners,
    collaborators,
    commit_comments,
    commits,
    compare,
    contents,
    forks,
    git_data,
    hooks,
    installation_tokens,
    installations,
    issues,
    labels,
    locks,
    merges,
    organizations,
    protection,
    pulls,
    rates,
    reactions,
    refs,
    repositories,
    required_checks,
    required_reviews,
    review_comments,
    review_requests,
    reviews,
    rulesets,
    settings,
    teams,
    users,
)
from controller.sandbox.rest.endpoints import Endpoint

_PARTS = (
    apps,
    branches,
    codeowners,
    collaborators,
    commit_comments,
    commits,
    compare,
    contents,
    forks,
    git_data,
    hooks,
    installation_tokens,
    installations,
    issues,
    labels,
    locks,
    merges,
    organizations,
    protection,
    pulls,
    rates,
    reactions,
    refs,
    repositories,
    required_checks,
    required_reviews,
    review_comments,
    review_requests,
    reviews,
    rulesets,
    settings,
    teams,
    users,
)


def _reach(endpoint: Endpoint) -> tuple[bool, int]:
    """How much an address takes in: words before parameters, and those that take in whole paths last."""
    return endpoint.path.endswith(":path}"), endpoint.path.count("{")


ENDPOINTS = tuple(sorted(chain.from_iterable(part.ENDPOINTS for part in _PARTS), key=_reach))

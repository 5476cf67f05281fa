"""Every endpoint of the REST API, in the order in which an address is looked up."""

from itertools import chain

from controller.sandbox.graphql import api as graphql
from controller.sandbox.rest import (
    commits,
    contents,
    git_data,
    hooks,
    issues,
    labels,
    pulls,
    reactions,
    refs,
    repositories,
    reviews,
    users,
)
from controller.sandbox.rest.endpoints import Endpoint

_PARTS = (
    commits,
    contents,
    git_data,
    hooks,
    issues,
    labels,
    pulls,
    reactions,
    refs,
    repositories,
    reviews,
    users,
)
_GRAPHQL = Endpoint("POST", "/graphql", graphql.post, "https://docs.github.com/graphql")


def _reach(endpoint: Endpoint) -> tuple[bool, int]:
    """How much an address takes in: words before parameters, and those that take in whole paths last."""
    return endpoint.path.endswith(":path}"), endpoint.path.count("{")


ENDPOINTS = (*sorted(chain.from_iterable(part.ENDPOINTS for part in _PARTS), key=_reach), _GRAPHQL)

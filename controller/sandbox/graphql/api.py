"""`POST /graphql`: https://docs.github.com/graphql/guides/forming-calls-with-graphql."""

from starlette.routing import Route

from controller.sandbox.errors import RefusedError
from controller.sandbox.forge import Forge
from controller.sandbox.rest import server
from controller.sandbox.rest.answers import Answer, ok
from controller.sandbox.rest.call import Call
from controller.sandbox.rest.endpoints import Endpoint

_DOCS = "https://docs.github.com/graphql"


def routes(forge: Forge) -> list[Route]:
    """Its address as on api.github.com, and as on an Enterprise Server."""
    addresses = ("/graphql", "/api/graphql")
    return [
        server.route(forge, Endpoint("POST", path, post, _DOCS, resource="graphql")) for path in addresses
    ]


def post(call: Call) -> Answer:
    """Answer a document; what goes wrong is said in `errors`, with status 200 as on GitHub.

    Raises:
        RefusedError: 401, nobody in particular asks; 400, there is no query.
    """
    call.user  # noqa: B018 nobody in particular is refused before anything is read
    query = call.opt("query", str)
    if not query:
        raise RefusedError(400, "A query attribute must be specified and must be a string.")
    from controller.sandbox.graphql.engine import answered  # noqa: PLC0415 a box starts faster without the library

    return ok(answered(call, query, call.opt("variables", dict) or {}, call.opt("operationName", str)))

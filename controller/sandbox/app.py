"""The whole forge as one ASGI application: the API, git, and the pages."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from controller.sandbox import faulty, smart_http
from controller.sandbox.errors import not_found
from controller.sandbox.forge import Forge
from controller.sandbox.graphql import api as graphql
from controller.sandbox.pages import routes as pages
from controller.sandbox.rest import server as rest


def application(forge: Forge) -> Starlette:
    """The application behind its faults; what no part of it knows is answered with GitHub's 404."""
    parts = (faulty, rest, graphql, smart_http, pages)
    app = Starlette(
        routes=[route for part in parts for route in part.routes(forge)],
        exception_handlers={404: _unknown, 405: _unknown},
        middleware=[Middleware(faulty.Faulty, forge=forge)],
    )
    app.router.redirect_slashes = False
    return app


async def _unknown(_request: Request, _problem: Exception) -> Response:
    return rest.refusal(not_found())

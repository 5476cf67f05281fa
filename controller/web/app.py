"""The listener, the pages and the API as one application."""

from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import PlainTextResponse
from starlette.exceptions import HTTPException

from controller.errors import LedgerError
from controller.ports import Ports
from controller.settings import Settings
from controller.web.api import make_api
from controller.web.hardened import Hardened
from controller.web.health import make_health
from controller.web.pages import make_pages, missing_page
from controller.web.webhook import make_webhook


def make_app(ports: Ports, settings: Settings) -> FastAPI:
    """The web application; its interactive docs are off, since they load scripts from elsewhere."""
    app = FastAPI(
        title="infrautomater",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        routes=[make_webhook(ports, settings)],
    )
    pulls = f"{settings.git_url.rstrip('/')}/{settings.repository}/pull"
    for router in (
        make_health(ports),
        make_api(ports.views),
        make_pages(ports.views, lambda number: f"{pulls}/{number}"),
    ):
        app.include_router(router)

    @app.exception_handler(HTTPException)
    async def _refused(request: Request, error: HTTPException) -> Response:
        """Programs are answered in JSON, people on a page."""
        if request.url.path.startswith("/api/") or request.method != "GET":
            return await http_exception_handler(request, error)
        return missing_page(error.status_code, str(error.detail))

    @app.exception_handler(LedgerError)
    async def _away(_request: Request, error: LedgerError) -> Response:
        return PlainTextResponse(f"{error}\n", status_code=503)

    app.add_middleware(Hardened)
    return app

"""/api/v1: what the ledger knows, as JSON."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query

from controller.core.identity import RequestId
from controller.ports import EventView, RequestView, RunQuery, RunView, Views

MOST = 2**63 - 1
"""The largest number that a column holds, and may be asked for."""

Number = Annotated[int, Query(ge=0, le=MOST)]
PathNumber = Annotated[int, Path(ge=0, le=MOST)]


def make_api(views: Views) -> APIRouter:
    """The read-only API; lists are paged by the last key or number seen."""
    router = APIRouter(prefix="/api/v1", tags=["read"])

    @router.get("/workers")
    def _workers() -> list[dict[str, Any]]:
        return [
            {**vars(worker.card), "started": worker.started, "heard": worker.heard}
            for worker in views.workers()
        ]

    @router.get("/requests")
    def _requests(
        status: str | None = None, after: str = "", limit: Annotated[int, Query(ge=1, le=500)] = 50
    ) -> list[RequestView]:
        return list(views.requests(status, after, limit))

    @router.get("/runs")
    def _runs(
        request: str | None = None,
        pull: Number | None = None,
        before: Number | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> list[RunView]:
        identity = _identity(request) if request else None
        return list(views.runs(RunQuery(request=identity, pull=pull, before=before, limit=limit)))

    @router.get("/runs/{run}")
    def _run(run: PathNumber) -> RunView:
        return _found(views.run(run), f"run {run}")

    @router.get("/runs/{run}/log")
    def _log(run: PathNumber, after: Number = 0) -> list[tuple[int, str]]:
        _found(views.run(run), f"run {run}")
        return list(views.log(run, after))

    @router.get("/events")
    def _events(
        run: Number | None = None, limit: Annotated[int, Query(ge=1, le=1000)] = 100
    ) -> list[EventView]:
        return list(views.events(run, limit))

    return router


def _identity(text: str) -> RequestId:
    try:
        return RequestId.parse(text)
    except ValueError as error:
        raise HTTPException(422, "a request is `environment/kind/name`") from error


def _found(view: RunView | None, what: str) -> RunView:
    if view is None:
        raise HTTPException(404, f"there is no {what}")
    return view

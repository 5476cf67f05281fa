"""/healthz, /readyz and /metrics: whether this process lives, whether it can do its work, and how much there is."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from controller.errors import InfrautomaterError
from controller.ports import Ports, Views

OK = "ok"

SILENCE = timedelta(minutes=1)
"""A worker says every few seconds that it lives; one that did not for so long is gone."""


def make_health(ports: Ports) -> APIRouter:
    """The routes that machines watch."""
    router = APIRouter(include_in_schema=False)
    registry = CollectorRegistry()
    registry.register(_LedgerCounts(ports.views))

    @router.get("/healthz")
    def _healthz() -> Response:
        return PlainTextResponse(OK)

    @router.get("/readyz")
    def _readyz() -> Response:
        findings = readiness(ports)
        is_ready = all(finding.startswith(OK) for finding in findings.values())
        return JSONResponse(findings, status_code=200 if is_ready else 503)

    @router.get("/metrics")
    def _metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router


def readiness(ports: Ports) -> dict[str, str]:
    """What this installation needs: each `ok`, with what ails a part of it perhaps, or what ails it."""
    return {
        "ledger": _finding(lambda: _answers(ports.views.counts)),
        "broker": _finding(lambda: _answers(ports.queue.ping)),
        "default_branch": _finding(lambda: _default_branch(ports.views)),
        "workers": _finding(lambda: _workers(ports)),
    }


def _finding(check: Callable[[], str]) -> str:
    try:
        return check()
    except InfrautomaterError as error:
        return str(error)


def _answers(ask: Callable[[], object]) -> str:
    ask()
    return OK


def _default_branch(views: Views) -> str:
    if views.reconciled() is None:
        raise InfrautomaterError(
            "not seen yet: the repository is empty, or the first reconcile is still to come"
        )
    return OK


def _workers(ports: Ports) -> str:
    """One that takes runs is enough; whoever takes none is named, and whoever is silent is none."""
    since = ports.now() - SILENCE
    workers = [worker for worker in ports.views.workers() if worker.heard > since]
    ailing = [f"{worker.card.name}: {worker.card.ailment}" for worker in workers if worker.card.ailment]
    if not workers:
        raise InfrautomaterError("none was heard of in the last minute")
    if len(ailing) == len(workers):
        raise InfrautomaterError("; ".join(ailing))
    return f"{OK}, but {'; '.join(ailing)}" if ailing else OK


class _LedgerCounts(Collector):
    """What the ledger holds, counted when somebody asks."""

    def __init__(self, views: Views) -> None:
        self._views = views

    def collect(self) -> Iterable[Metric]:
        """One gauge for each family of counts."""
        for family, counts in self._views.counts().items():
            gauge = GaugeMetricFamily(f"infrautomater_{family}", f"{family} in the ledger", labels=["state"])
            for state, count in counts.items():
                gauge.add_metric([state], count)
            yield gauge

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: the ledger is not asked at registration."""
        return ()

"""SqlViews: the read side of the ledger."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Column, Engine, Select, func, or_, select

from controller.core.identity import RequestId
from controller.core.proposal import Proposal
from controller.core.pull import PullState
from controller.edge.ledger.engine import Clock, reading, utcnow
from controller.edge.ledger.records import CARD, OUTPUTS, PROPOSAL, RUN, read_run
from controller.edge.ledger.tables import AnyRow, calls, events, logs, proposals, requests, runs, workers
from controller.ports import EventView, RequestView, RunQuery, RunView, WorkerView

HEARD = timedelta(minutes=10)

_VIEWED = (*RUN, runs.c.team, runs.c.path, runs.c.created, runs.c.started, runs.c.ended, runs.c.worker)


class SqlViews:
    """Pages of the ledger; nothing here writes."""

    def __init__(self, engine: Engine, clock: Clock = utcnow) -> None:
        self._engine = engine
        self._clock = clock

    def proposal(self, number: int) -> Proposal | None:
        """What a pull would change, as last looked at."""
        found = self._rows(select(proposals.c.proposal).where(proposals.c.number == number))
        return PROPOSAL.validate_json(found[0].proposal) if found else None

    def proposals(self) -> tuple[Proposal, ...]:
        """Those of pulls that are open as far as we know, by number."""
        is_open = proposals.c.state == PullState.OPEN.value
        found = self._rows(select(proposals.c.proposal).where(is_open).order_by(proposals.c.number))
        return tuple(PROPOSAL.validate_json(row.proposal) for row in found)

    def run(self, run: int) -> RunView | None:
        """One run."""
        found = self._rows(select(*_VIEWED).where(runs.c.id == run))
        return _run(found[0]) if found else None

    def runs(self, query: RunQuery) -> tuple[RunView, ...]:
        """Newest first; `states` takes states (`ended`) and outcomes (`failed`) alike."""
        statement = select(*_VIEWED).order_by(runs.c.id.desc()).limit(query.limit)
        if query.request is not None:
            statement = statement.where(runs.c.request == query.request.key)
        if query.pull is not None:
            statement = statement.where(runs.c.pull == query.pull)
        if query.commit is not None:
            statement = statement.where(runs.c.commit == query.commit)
        if query.states:
            statement = statement.where(or_(runs.c.state.in_(query.states), runs.c.outcome.in_(query.states)))
        if query.before is not None:
            statement = statement.where(runs.c.id < query.before)
        return tuple(map(_run, self._rows(statement)))

    def requests(
        self, status: str | None = None, after: str = "", limit: int = 50
    ) -> tuple[RequestView, ...]:
        """By key, from the one after `after` (`dev.database.orders`)."""
        statement = select(requests).where(requests.c.key > after.replace("/", ".")).order_by(requests.c.key)
        if status is not None:
            statement = statement.where(requests.c.status == status)
        return tuple(map(_request, self._rows(statement.limit(limit))))

    def log(self, run: int, after: int = 0) -> tuple[tuple[int, str], ...]:
        """Chunks of a run's log, numbered, from the one after `after`."""
        chunks = select(logs.c.seq, logs.c.text).where(logs.c.run == run, logs.c.seq > after)
        return tuple((row.seq, row.text) for row in self._rows(chunks.order_by(logs.c.seq)))

    def events(self, run: int | None = None, limit: int = 100) -> tuple[EventView, ...]:
        """Newest first."""
        statement = select(events).order_by(events.c.id.desc()).limit(limit)
        if run is not None:
            statement = statement.where(events.c.run == run)
        return tuple(
            EventView(row.at, row.run, row.actor, row.before, row.after, row.why)
            for row in self._rows(statement)
        )

    def workers(self) -> tuple[WorkerView, ...]:
        """Every worker heard of in the last ten minutes, by name."""
        heard = workers.c.heard >= self._clock() - HEARD
        return tuple(
            WorkerView(CARD.validate_json(row.card), row.started, row.heard)
            for row in self._rows(select(workers).where(heard).order_by(workers.c.name))
        )

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """How many there are: `requests` by status, `runs` by state, `calls` unsent."""
        with reading(self._engine) as conn:
            unsent = select(func.count()).select_from(calls).where(calls.c.sent.is_(None))
            return {
                "requests": dict(conn.execute(_tally(requests.c.status)).all()),
                "runs": dict(conn.execute(_tally(runs.c.state)).all()),
                "calls": {"unsent": conn.execute(unsent).scalar_one()},
            }

    def _rows(self, statement: Select[*tuple[Any, ...]]) -> list[AnyRow]:
        with reading(self._engine) as conn:
            return list(conn.execute(statement).all())


def _tally(column: Column[str]) -> Select[str, int]:
    return select(column, func.count()).group_by(column)


def _run(row: AnyRow) -> RunView:
    return RunView(read_run(row), row.team, row.path, row.created, row.started, row.ended, row.worker)


def _request(row: AnyRow) -> RequestView:
    return RequestView(
        id=RequestId.parse(row.key),
        team=row.team,
        path=row.path,
        status=row.status,
        run=row.run,
        changed=row.changed,
        outputs=OUTPUTS.validate_json(row.outputs),
    )

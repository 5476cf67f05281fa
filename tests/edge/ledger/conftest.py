from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from controller.core.call import Call
from controller.core.decision import Decision
from controller.core.environment import Environment, EnvironmentFormat, Mode
from controller.core.identity import RequestId
from controller.core.kind import Kind, KindFormat
from controller.core.outcome import Applied, Planned
from controller.core.plan import Action, Plan, ResourceChange
from controller.core.request import Request
from controller.core.run import Ended, Opening, Operation, Run
from controller.core.verdict import Risk, Verdict
from controller.core.wish import Wish
from controller.core.workspace import Workspace
from controller.edge.ledger import SqlLedger, SqlTurns, SqlViews, make_engine, migrate
from controller.ports import Claimed
from tests.edge.ledger.postgres import Server, serving

KIND = {
    "title": "Database",
    "description": "A database.",
    "provider": "aws",
    "parameters": {"size": {"type": "string", "description": "How big", "enum": ["small", "large"]}},
    "variables": {
        "name": {"from": "resource_name"},
        "size": {"parameter": "size", "map": {"small": "s", "large": "l"}},
        "multi": {"constant": True},
        "net": {"environment": "net", "default": None},
    },
    "cost": {"currency": "USD", "per_month": {"parameter": "size", "map": {"small": 1, "large": 2}}},
}
ENVIRONMENT = {
    "title": "Dev",
    "kinds": ["database"],
    "limits": {"database": {"size": ["small", 3]}},
    "approvals": {"required": 2, "from": ["@acme/platform", "write"], "author": True},
    "budget": {"default": 500},
}


class Clock:
    """A clock that stands still until somebody moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class World:
    """A ledger with what a test needs around it."""

    url: str
    engine: Engine
    clock: Clock
    ledger: SqlLedger = field(init=False)
    views: SqlViews = field(init=False)
    turns: SqlTurns = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = SqlLedger(self.engine, self.clock)
        self.views = SqlViews(self.engine, self.clock)
        self.turns = SqlTurns(self.engine, self.clock)

    def request(self, name: str = "orders", size: str = "small", team: str = "payments") -> Request:
        identity = RequestId("dev", "database", name)
        return Request(identity, team, f"requests/{team}/{name}.yaml", {"size": size}, {"size": (4, 9)})

    def workspace(self, name: str = "orders", size: str = "small", team: str = "payments") -> Workspace:
        module = {"main.tf": b"# caf\xc3\xa9\r\n\x00", "logo.tf": b"\xff\xfe\x00 no text"}
        kind = Kind("database", KindFormat.model_validate(KIND), module)
        environment = Environment("dev", EnvironmentFormat.model_validate(ENVIRONMENT))
        request = self.request(name, size, team)
        files = {f"module/{path}": blob for path, blob in module.items()}
        files["terraform.tfvars.json"] = f'{{"size": "{size}", "name": "{name}"}}'.encode()
        return Workspace(request, kind, environment, files)

    def opening(
        self, workspace: Workspace, operation: Operation = Operation.APPLY, pull: int | None = 7, **more: Any
    ) -> Opening:
        more = {"mode": Mode.APPLY, "commit": "c" * 40, **more}
        return Opening(workspace.id, operation, workspace.digest, pull=pull, **more)

    def open(self, operation: Operation = Operation.APPLY, size: str = "small", **more: Any) -> int:
        """Open a run for `orders` (or `name`); its number."""
        workspace = self.workspace(more.pop("name", "orders"), size, more.pop("team", "payments"))
        opening = self.opening(workspace, operation, **more)
        calls = self.ledger.commit(Decision(openings=(opening,), workspaces=(workspace,)))
        return next(call.argument for call in calls if call.actor == "execute" and call.argument)

    def claim(self, run: int, worker: str = "w1") -> Claimed:
        claimed = self.ledger.claim(run, worker)
        assert claimed is not None
        return claimed

    def commit(self, opening: Opening, workspace: Workspace) -> tuple[Call, ...]:
        return self.ledger.commit(Decision(openings=(opening,), workspaces=(workspace,)))

    def apply(self, size: str = "small", **more: Any) -> int:
        """Open, begin and apply a run as a whole; its number."""
        run = self.open(size=size, **more)
        lease = self.claim(run).lease
        self.ledger.step(lease, "apply")
        self.ledger.settle(lease, Ended(Applied({"endpoint": "db.example", "secret": None}, 1)))
        return run

    def wish(self, run: int, wish: Wish) -> tuple[Call, ...]:
        """Let somebody have a wish about one run."""
        return self.ledger.commit(Decision(wishes=((run, wish),)))

    def run(self, number: int) -> Run:
        view = self.views.run(number)
        assert view is not None
        return view.run

    def state(self, number: int) -> str:
        """`waiting`, `running`, `held`, or the outcome's word."""
        state = self.run(number).state
        return state.outcome.type if isinstance(state, Ended) else state.type

    def status(self, key: str = "dev.database.orders") -> str | None:
        return next((view.status for view in self.views.requests(limit=1000) if view.id.key == key), None)

    def whys(self, run: int) -> list[str]:
        return [event.why for event in reversed(self.views.events(run))]

    def sql(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        with self.engine.begin() as conn:
            result = conn.execute(text(statement), values)
            return [tuple(row) for row in result] if result.returns_rows else []

    @property
    def plan(self) -> Plan:
        change = ResourceChange("aws_db.this", Action.CREATE, {"size": '"s"'}, ("endpoint",))
        return Plan((change,), "1.15.0")

    @property
    def planned(self) -> Ended:
        return Ended(Planned(self.plan, Verdict(Risk.LOW, ("creates",)), ("careful",)))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def template(tmp_path_factory) -> bytes:
    """A migrated SQLite file, since most tests care for what is in the tables, and not how they came about."""
    path = tmp_path_factory.mktemp("ledger") / "template.db"
    migrate(f"sqlite:///{path}")
    return path.read_bytes()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request) -> str:
    """Every test of the ledger is one on both engines, unless it says on which."""
    return request.param


@pytest.fixture
def empty(engine_name, tmp_path, request) -> Iterator[str]:
    """Where a database is that nobody has migrated."""
    if engine_name == "sqlite":
        yield f"sqlite:///{tmp_path}/ledger.db"
        return
    with request.getfixturevalue("postgres").database(migrated=False) as url:
        yield url


@pytest.fixture
def url(engine_name, tmp_path, template, request) -> Iterator[str]:
    """Where a migrated database of the test's own is."""
    if engine_name == "sqlite":
        path = tmp_path / "ledger.db"
        path.write_bytes(template)
        yield f"sqlite:///{path}"
        return
    with request.getfixturevalue("postgres").database() as url:
        yield url


@pytest.fixture
def world(url) -> Iterator[World]:
    engine = make_engine(url)
    yield World(url, engine, Clock())
    engine.dispose()


@pytest.fixture(scope="session")
def new_world():
    """Makes a world of a database and its engine, where a test needs more than one."""
    return lambda url, engine: World(url, engine, Clock())

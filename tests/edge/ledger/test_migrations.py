"""The tables, and the way to them."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select

from controller.core.call import plan_pull
from controller.core.change import Create
from controller.core.decision import Decision
from controller.core.delivery import Delivery
from controller.core.outcome import Planned
from controller.core.plan import Action, Plan, ResourceChange
from controller.core.proposal import Proposal
from controller.core.pull import Pull, PullState
from controller.core.run import Ended, Operation
from controller.core.verdict import Risk, Verdict
from controller.core.wish import Answer, Confirmation
from controller.edge.ledger import SqlViews, make_engine, migrate
from controller.edge.ledger.engine import mapped
from controller.edge.ledger.migrate import _MIGRATIONS, _check_foreign_keys
from controller.edge.ledger.tables import metadata
from controller.errors import LedgerError

pytestmark = pytest.mark.edge


def rows(world):
    """All that is in the first tables, but for what came to be there later."""
    tables = (
        "deliveries",
        "calls",
        "workspaces",
        "runs",
        "requests",
        "proposals",
        "proposed",
        "logs",
        "events",
    )
    with world.engine.connect() as conn:
        found = {name: conn.execute(select(metadata.tables[name])).mappings().all() for name in tables}
    return {name: [{**row, "confirmed": None} for row in found[name]] for name in tables}


def turn(world, way, revision):
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with world.engine.begin() as conn:
        config.attributes["connection"] = conn
        way(config, revision)


def test_the_migrations_lead_to_the_tables_that_the_code_knows(world):
    with world.engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_indexes_are_the_same_in_both(world, tmp_path):
    if world.engine.dialect.name != "sqlite":
        pytest.skip("SQLite keeps the text of its statements")
    other = make_engine(f"sqlite:///{tmp_path}/other.db")
    metadata.create_all(other)
    statement = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
    with other.connect() as conn:
        assert [tuple(row) for row in conn.exec_driver_sql(statement)] == world.sql(statement)
    other.dispose()


def test_migrating_twice_changes_nothing(world):
    run = world.apply()
    migrate(world.url)
    assert world.state(run) == "applied"


def test_the_way_back_leaves_nothing(world):
    turn(world, command.downgrade, "base")
    assert inspect(world.engine).get_table_names() == ["alembic_version"]


def fill(world):
    """Something in every table; the number of a plan that was confirmed."""
    world.ledger.record(Delivery("guid-1", "pull_request", {"action": "opened"}), plan_pull(7))
    world.apply()
    lease = world.claim(world.open(Operation.PLAN, size="large", pull=8, after=1)).lease
    world.ledger.log(lease, "planning\n")
    ends = Plan((ResourceChange("aws_db.this", Action.REPLACE, {}),))
    world.ledger.settle(lease, Ended(Planned(ends, Verdict(Risk.HIGH))))
    world.wish(lease.run, Confirmation("eve", "it may go"))
    change = Create(world.request("other"), world.workspace("other").digest)
    pull = Pull(8, "Title", "ann", "a" * 40, "main", PullState.OPEN)
    world.ledger.commit(
        Decision(
            proposal=Proposal(pull, "t" * 40, (change,)),
            answer=Answer(5, 8, "eve", refused=False),
            cursor="c",
        )
    )
    return lease.run


def test_the_second_migration_goes_there_and_back_with_everything_in_it(world):
    plan = fill(world)
    before, run = rows(world), world.run(plan)
    assert all(before.values())
    assert run.confirmed == "eve"
    turn(world, command.downgrade, "0001")
    assert "answers" not in inspect(world.engine).get_table_names()
    assert "confirmed" not in {column["name"] for column in inspect(world.engine).get_columns("runs")}
    migrate(world.url)
    assert rows(world) == before
    assert world.run(plan) == replace(run, confirmed="")
    assert world.views.answer(5) is None
    test_the_migrations_lead_to_the_tables_that_the_code_knows(world)
    assert world.open(name="another") > plan
    world.claim(world.open(size="large", pull=9, after=1))
    with pytest.raises(LedgerError, match="database failed"), mapped():
        world.sql("UPDATE runs SET state = 'running', operation = 'apply'")  # no two of them at once


def test_processes_may_migrate_at_once(url):
    program = f"from controller.edge.ledger import migrate; migrate({url!r})"
    processes = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(2)]
    assert [process.wait(150) for process in processes] == [0, 0]
    engine = make_engine(url)
    assert SqlViews(engine).counts()["calls"] == {"unsent": 0}
    engine.dispose()


def test_connections_may_migrate_at_once(url):
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(migrate, url) for _ in range(8)]:
            done.result()
    engine = make_engine(url)
    assert SqlViews(engine).counts()["calls"] == {"unsent": 0}
    engine.dispose()


def test_a_migration_that_would_leave_orphans_is_undone(world):
    if world.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL checks each row itself")
    engine = make_engine(world.url, foreign_keys=False)
    with engine.begin() as conn:
        conn.exec_driver_sql("INSERT INTO logs (run, seq, text) VALUES (99, 1, 'x')")
        with pytest.raises(LedgerError, match="point to nothing"):
            _check_foreign_keys(conn)
    engine.dispose()

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
from controller.core.outcome import Cause, Failed, Planned
from controller.core.plan import Action, Plan, ResourceChange
from controller.core.proposal import Proposal
from controller.core.pull import Pull, PullState
from controller.core.run import Ended, Operation, Tries
from controller.core.verdict import Risk, Verdict
from controller.core.wish import Answer, Confirmation
from controller.edge.ledger import SqlViews, make_engine, migrate
from controller.edge.ledger.engine import mapped
from controller.edge.ledger.migrate import _MIGRATIONS, _check_foreign_keys
from controller.edge.ledger.tables import metadata
from controller.errors import LedgerError

pytestmark = pytest.mark.edge

ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


LATER = {
    "runs": ("confirmed", "until", "times_failed", "times_lost", "reminders"),
}
"""What came to be in the first tables later, and is lost on the way back."""


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
    return {name: [{**row, **dict.fromkeys(LATER.get(name, ()))} for row in found[name]] for name in tables}


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


@ON_SQLITE
def test_indexes_are_the_same_in_both(world, tmp_path):
    """SQLite keeps the text of its statements."""
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
    world.ledger.record([(Delivery("guid-1", "pull_request", {"action": "opened"}), plan_pull(7))])
    world.apply()
    lease = world.claim(world.open(Operation.PLAN, size="large", pull=8, after=1)).lease
    world.ledger.log(lease, "planning\n")
    ends = Plan((ResourceChange("aws_db.this", Action.REPLACE, {}),))
    world.ledger.settle(lease, Ended(Planned(ends, Verdict(Risk.HIGH))))
    world.wish(lease.run, Confirmation("eve", "it may go"))
    failing = world.claim(world.open(name="third")).lease
    world.ledger.settle(failing, Ended(Failed("apply", Cause.THROTTLED, "slow down")))
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


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_the_way_back_and_forth_again_keeps_everything_that_is_known_there(world, revision):
    plan = fill(world)
    before, run = rows(world), world.run(plan)
    assert all(before.values())
    assert run.confirmed == "eve"
    turn(world, command.downgrade, revision)
    columns = {column["name"] for column in inspect(world.engine).get_columns("runs")}
    assert ("confirmed" in columns, "until" in columns) == (revision == "0002", False)
    assert ("answers" in inspect(world.engine).get_table_names()) is (revision == "0002")
    migrate(world.url)
    assert rows(world) == before
    assert world.run(plan) == (run if revision == "0002" else replace(run, confirmed=""))
    assert (world.views.answer(5) is None) is (revision == "0001")
    test_the_migrations_lead_to_the_tables_that_the_code_knows(world)


def test_what_waited_for_its_time_is_tried_after_a_way_back_and_forth_again(world):
    fill(world)
    turn(world, command.downgrade, "0002")
    migrate(world.url)
    (waiting,) = world.ledger.register().open_runs
    assert waiting.tries == Tries()
    assert world.claim(waiting.id).run.id == waiting.id


def test_the_ledger_goes_on_after_a_way_back_and_forth_again(world):
    plan = fill(world)
    turn(world, command.downgrade, "0001")
    migrate(world.url)
    assert world.open(name="another") > plan
    world.claim(world.open(size="large", pull=9, after=1))
    with pytest.raises(LedgerError, match="database failed"), mapped():
        world.sql("UPDATE runs SET state = 'running', operation = 'apply'")  # no two of them at once


def test_processes_may_migrate_at_once(empty):
    program = f"from controller.edge.ledger import migrate; migrate({empty!r})"
    processes = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(2)]
    assert [process.wait(150) for process in processes] == [0, 0]
    engine = make_engine(empty)
    assert SqlViews(engine).counts()["calls"] == {"unsent": 0}
    engine.dispose()


def test_connections_may_migrate_at_once(empty):
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(migrate, empty) for _ in range(8)]:
            done.result()
    engine = make_engine(empty)
    assert SqlViews(engine).counts()["calls"] == {"unsent": 0}
    engine.dispose()


@ON_SQLITE
def test_a_migration_that_would_leave_orphans_is_undone(world):
    """PostgreSQL checks each row itself."""
    engine = make_engine(world.url, foreign_keys=False)
    with engine.begin() as conn:
        conn.exec_driver_sql("INSERT INTO logs (run, seq, text) VALUES (99, 1, 'x')")
        with pytest.raises(LedgerError, match="point to nothing"):
            _check_foreign_keys(conn)
    engine.dispose()

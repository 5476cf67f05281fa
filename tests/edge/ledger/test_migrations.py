"""The tables, and the way to them."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from controller.edge.ledger import SqlViews, make_engine, migrate
from controller.edge.ledger.migrate import _MIGRATIONS, _check_foreign_keys
from controller.edge.ledger.tables import metadata
from controller.errors import LedgerError

pytestmark = pytest.mark.edge


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
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with world.engine.begin() as conn:
        config.attributes["connection"] = conn
        command.downgrade(config, "base")
    assert inspect(world.engine).get_table_names() == ["alembic_version"]


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

"""The one door to the database."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from controller.core.call import plan_pull
from controller.core.decision import Decision
from controller.core.delivery import Delivery
from controller.core.outcome import Withdrawn
from controller.core.wish import Release
from controller.edge.ledger import SqlLedger, SqlTurns, SqlViews, engine, make_engine, migrate
from controller.errors import LedgerError
from controller.ports import Lease, WorkerCard

pytestmark = pytest.mark.edge

LEASE = Lease(1, "w1", 1)
ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)


@pytest.mark.parametrize(
    "use",
    [
        lambda ledger: ledger.record([(Delivery("g", "ping", {}), plan_pull(1))]),
        lambda ledger: ledger.register(),
        lambda ledger: ledger.commit(Decision(endings={1: Withdrawn("ann", "no")})),
        lambda ledger: ledger.claim(1, "w1"),
        lambda ledger: ledger.beat(LEASE),
        lambda ledger: ledger.step(LEASE, "plan"),
        lambda ledger: ledger.log(LEASE, "x"),
        lambda ledger: ledger.commit(Decision(wishes=((1, Release("ann", "fine")),))),
        lambda ledger: ledger.sweep(),
        lambda ledger: ledger.sent((plan_pull(1),)) or ledger.greet(WorkerCard("w", "box", 1)),
    ],
)
def test_whatever_is_wrong_with_the_database_is_a_ledger_error(tmp_path, use):
    empty = make_engine(f"sqlite:///{tmp_path}/never-migrated.db")
    with pytest.raises(LedgerError, match="the ledger's database failed: no such table"):
        use(SqlLedger(empty))
    empty.dispose()


@pytest.mark.parametrize("content", [b"this is no database, but some longer text" * 100, None])
def test_a_file_that_is_no_database_is_a_ledger_error(tmp_path, content):
    path = tmp_path / "ledger.db"
    path.mkdir() if content is None else path.write_bytes(content)
    broken = make_engine(f"sqlite:///{path}")
    for use in (SqlViews(broken).counts, SqlLedger(broken).sweep, lambda: SqlTurns(broken).take("a", "b", 1)):
        with pytest.raises(LedgerError):
            use()
    with pytest.raises(LedgerError):
        migrate(f"sqlite:///{path}")
    broken.dispose()


def test_an_error_shows_neither_statement_nor_values(tmp_path):
    empty = make_engine(f"sqlite:///{tmp_path}/never-migrated.db")
    with pytest.raises(LedgerError) as caught:
        SqlLedger(empty).record([(Delivery("secret-guid", "ping", {}), plan_pull(1))])
    assert "INSERT" not in str(caught.value)
    assert "secret" not in str(caught.value)
    empty.dispose()


def test_a_row_that_cannot_be_read_is_a_ledger_error(world):
    world.open()
    world.sql('UPDATE runs SET state_json = \'{"type": "dreaming"}\'')
    with pytest.raises(LedgerError, match="cannot be read"):
        _ = world.ledger.register().open_runs
    with pytest.raises(LedgerError, match="cannot be read"):
        world.views.run(1)


def test_what_cannot_be_written_is_a_ledger_error_and_writes_nothing(world):
    run = world.open()
    with pytest.raises(LedgerError, match="cannot be written"):
        world.ledger.commit(Decision(endings={run: Withdrawn("ann", "\ud800")}, cursor="c"))
    assert (world.state(run), world.ledger.register().cursor) == ("waiting", None)


@ON_SQLITE
def test_sqlite_is_told_to_keep_what_it_says(world):
    facts = {
        name: world.sql(f"PRAGMA {name}")[0][0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    }
    assert facts == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": engine.BUSY_MS,
    }


@ON_SQLITE
def test_readers_and_writers_do_not_wait_for_each_other(world):
    world.open()
    writer = sqlite3.connect(world.engine.url.database, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert len(world.ledger.register().open_runs) == 1
    with engine.reading(world.engine) as conn:
        before = conn.execute(text("SELECT count(*) FROM events")).scalar_one()
        writer.execute("INSERT INTO turns VALUES ('a', 'b', '2026-01-01 00:00:00.000000', 0)")
        writer.execute("COMMIT")
        assert conn.execute(text("SELECT count(*) FROM turns")).scalar_one() == 0
        assert before == 1
    writer.close()


@ON_SQLITE
def test_a_writer_that_waits_too_long_says_so(world, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_MS", 50)
    busy = make_engine(world.url)
    writer = sqlite3.connect(busy.url.database, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError, match="database is locked"):
        SqlLedger(busy).sweep()
    writer.close()
    busy.dispose()


def test_one_ledger_serves_many_threads(world):
    world.open()
    assert greeted(world.ledger, world.views.counts) == []
    assert len(world.views.workers()) == 8


def greeted(ledger, look=lambda: None):
    """Eight threads write at once, again and again; their errors."""
    failures = []

    def greet(name):
        try:
            for _ in range(10):
                look()
                ledger.greet(WorkerCard(name, "box", 1))
        except LedgerError as error:
            failures.append(error)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(greet, "abcdefgh"))
    return failures


@ON_SQLITE
def test_threads_of_one_process_write_in_turn_and_never_meet_in_sqlite(world, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_MS", 0)
    monkeypatch.setattr(engine, "QUEUING", 60)
    impatient = make_engine(world.url)
    assert greeted(SqlLedger(impatient)) == []
    impatient.dispose()


@ON_SQLITE
def test_a_thread_that_is_waited_for_too_long_is_left_to_sqlite(world, monkeypatch):
    monkeypatch.setattr(engine, "QUEUING", 0.01)
    with ThreadPoolExecutor(1) as pool:
        with engine.writing(world.engine, engine.utcnow):
            greeting = pool.submit(world.ledger.greet, WorkerCard("a", "box", 1))
            with pytest.raises(TimeoutError):
                greeting.result(0.1)
        greeting.result(10)
    assert len(world.views.workers()) == 1


@ON_SQLITE
def test_a_transaction_that_fails_gives_its_turn_back(world):
    with pytest.raises(LedgerError), engine.writing(world.engine, engine.utcnow) as work:
        work.conn.execute(text("SELECT nothing"))
    assert not engine._writers[world.engine].locked()


@pytest.mark.parametrize(
    "url",
    ["postgres://me:pw@box/ledger", "postgresql://me:pw@box/ledger", "postgresql+psycopg://me:pw@box/ledger"],
)
def test_every_name_of_postgresql_means_psycopg(url):
    pytest.importorskip("psycopg")
    made = make_engine(url)
    assert made.url.drivername == "postgresql+psycopg"
    made.dispose()


def test_a_server_that_vanishes_is_noticed_in_seconds_unless_the_url_says_otherwise():
    pytest.importorskip("psycopg")
    made = make_engine("postgresql://me:pw@box/ledger?connect_timeout=60")
    (_, options) = made.dialect.create_connect_args(made.url)
    made.dispose()

    assert (options["connect_timeout"], options["tcp_user_timeout"], options["keepalives_count"]) == (
        "60",
        "10000",
        "2",
    )


def test_a_new_file_that_somebody_writes_is_waited_for(tmp_path):
    # SQLite's own wait does not cover the switch to a write-ahead log.
    file = tmp_path / "new.sqlite"
    writer = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    writer.executescript("CREATE TABLE one (x); BEGIN IMMEDIATE;")
    threading.Timer(0.3, writer.execute, ["COMMIT"]).start()
    patient = make_engine(f"sqlite:///{file}")
    with patient.connect() as conn:
        assert conn.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    patient.dispose()
    writer.close()


@ON_POSTGRESQL
def test_who_freezes_in_a_transaction_keeps_nobody_waiting_for_long(world, monkeypatch):
    monkeypatch.setattr(engine, "FROZEN_MS", 100)
    frozen = make_engine(world.url)
    with pytest.raises(LedgerError, match="idle-in-transaction"):
        freeze(frozen, world)
    assert world.state(1) == "waiting"
    frozen.dispose()


def freeze(frozen, world):
    with engine.deciding(frozen, world.clock) as work:
        world.open()  # waits for the other's lock, and gets it
        work.conn.execute(text("SELECT 1"))

"""Engines and transactions: the one door to the database, and the one place where its errors become ours."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError
from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from controller.errors import LedgerError

Clock = Callable[[], datetime]

_WRITES = "infrautomater_writes"
_writers: WeakKeyDictionary[Engine, Lock] = WeakKeyDictionary()
_DECIDING = 7_205_759_403
"""The number of PostgreSQL's advisory lock for transactions that read, decide and write."""

BUSY_MS = 8_000
"""How long a writer waits for another one; GitHub gives a webhook's answer ten seconds."""

QUEUING = 0.25
"""Seconds for which a thread waits for another one of its process; then it is left to SQLite who comes next."""

FROZEN_MS = 15_000
"""How long a transaction on PostgreSQL may stand still (https://www.postgresql.org/docs/current/runtime-config-client.html)."""


REACHED: Mapping[str, str] = {
    "connect_timeout": "5",
    "tcp_user_timeout": "10000",
    "keepalives_idle": "5",
    "keepalives_interval": "5",
    "keepalives_count": "2",
}
"""How soon a server that vanished is noticed, unless the URL says otherwise: by default that takes the kernel hours.

https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-KEEPALIVES
"""

CHECKPOINT = 8_000
"""Pages of 4 KiB in SQLite's log until a commit must copy them into the database (https://sqlite.org/wal.html#ckpt).

By default it is every 1,000, and a busy listener's deliveries often wait for that.
"""


def utcnow() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Work:
    """One transaction and the time at which it happens."""

    conn: Connection
    now: datetime


def make_engine(url: str, *, foreign_keys: bool = True) -> Engine:
    """An engine for `sqlite:///file` or `postgresql://…` (psycopg 3); connects only when it is used.

    Args:
        url: as in `DATABASE_URL`; `postgres://` is understood too.
        foreign_keys: whether SQLite enforces them; a migration that makes a table anew must not.
    """
    parsed = _driven(make_url(url))
    if parsed.get_backend_name() != "sqlite":
        parsed = parsed.set(query={**REACHED, **parsed.query})
        engine = create_engine(parsed, pool_pre_ping=True, pool_size=8, max_overflow=24, hide_parameters=True)
        _tune_postgresql(engine)
        return engine
    engine = create_engine(parsed, pool_size=8, max_overflow=24, hide_parameters=True)
    _tune_sqlite(engine, foreign_keys=foreign_keys)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one moment and writes nothing."""
    options: Mapping[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ"}
    with mapped(), engine.execution_options(**options).begin() as conn:
        yield conn


@contextmanager
def writing(engine: Engine, clock: Clock) -> Iterator[Work]:
    """A transaction whose single statements are safe on their own."""
    with mapped(), _one_by_one(engine), engine.execution_options(**{_WRITES: True}).begin() as conn:
        yield Work(conn, clock())


@contextmanager
def deciding(engine: Engine, clock: Clock) -> Iterator[Work]:
    """A transaction that reads, decides and writes; there is one at a time, as SQLite has it anyway."""
    with mapped(), _one_by_one(engine), engine.execution_options(**{_WRITES: True}).begin() as conn:
        lock_for_deciding(conn, _DECIDING)
        yield Work(conn, clock())


@contextmanager
def _one_by_one(engine: Engine) -> Iterator[None]:
    """Let the threads of this process write one after the other, where the database is SQLite.

    Whoever comes second SQLite makes sleep, for up to 0.1 s at a time
    (https://sqlite.org/c3ref/busy_timeout.html); a lock wakes them at once.
    """
    lock = _writers.setdefault(engine, Lock())
    is_ours = engine.dialect.name == "sqlite" and lock.acquire(timeout=QUEUING)
    try:
        yield
    finally:
        if is_ours:
            lock.release()


def lock_for_deciding(conn: Connection, number: int) -> None:
    """Wait until no other transaction holds this advisory lock; SQLite has `BEGIN IMMEDIATE` for it."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def insert(conn: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that knows `ON CONFLICT`, which both databases spell alike."""
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)


@contextmanager
def mapped() -> Iterator[None]:
    """Errors of the database, and rows that cannot be read, as LedgerError; SQL and values stay out of the text."""
    try:
        yield
    except DBAPIError as error:
        raise LedgerError(f"the ledger's database failed: {error.orig}") from error
    except SQLAlchemyError as error:
        raise LedgerError(f"the ledger's database failed: {type(error).__name__}") from error
    except PydanticSerializationError as error:
        raise LedgerError(f"this cannot be written to the ledger: {error}") from error
    except ValidationError as error:
        raise LedgerError(f"the ledger has a row that cannot be read as {error.title}") from error


def _driven(url: URL) -> URL:
    if url.drivername in {"postgres", "postgresql"}:
        return url.set(drivername="postgresql+psycopg")
    return url


def _use_wal(cursor: sqlite3.Cursor) -> None:
    """Of several that open a new file at once SQLite lets one switch, and does not let the others wait."""
    until = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _tune_postgresql(engine: Engine) -> None:
    """A process that freezes within a transaction must not keep its locks: the server ends it well before a lease is over."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET idle_in_transaction_session_timeout = {FROZEN_MS}")
        connection.commit()


def _tune_sqlite(engine: Engine, *, foreign_keys: bool) -> None:
    """The driver's own transactions off, ours on (https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#pysqlite-serializable)."""
    pragmas = (
        f"PRAGMA busy_timeout = {BUSY_MS}",
        "PRAGMA synchronous = FULL",
        f"PRAGMA wal_autocheckpoint = {CHECKPOINT}",
        f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}",
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        _use_wal(cursor)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        # A reader must not ask for the write lock: it would wait for writers, and they for it.
        writes = conn.get_execution_options().get(_WRITES, False)
        conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

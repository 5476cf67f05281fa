"""Migrations, run by the program itself: there is no alembic.ini to be found or forgotten."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from controller.edge.ledger.engine import Work, deciding, make_engine, utcnow
from controller.errors import LedgerError

_MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database's tables to a revision; several processes may do so at once, and one will.

    Raises:
        LedgerError: the database cannot be reached, or a migration would leave rows that point nowhere.
    """
    engine = make_engine(url, foreign_keys=False)
    try:
        with deciding(engine, utcnow) as work:
            _upgrade(work, revision)
    finally:
        engine.dispose()


def _upgrade(work: Work, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = work.conn
    command.upgrade(config, revision)
    _check_foreign_keys(work.conn)


def _check_foreign_keys(conn: Connection) -> None:
    """SQLite enforced none meanwhile, since a table that is made anew would have taken its children with it."""
    if conn.dialect.name == "sqlite" and conn.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise LedgerError("the migration would leave rows that point to nothing, and was undone")

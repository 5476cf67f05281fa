"""The ledger on SQL: SQLite in one file, or PostgreSQL; the only memory, and the queue of record."""

from controller.edge.ledger.engine import make_engine, utcnow
from controller.edge.ledger.ledger import SqlLedger
from controller.edge.ledger.migrate import migrate
from controller.edge.ledger.turns import SqlTurns
from controller.edge.ledger.views import SqlViews

__all__ = ["SqlLedger", "SqlTurns", "SqlViews", "make_engine", "migrate", "utcnow"]

"""The tables; the migrations make them, and a test holds the two against each other.

Nouns that nobody searches in are one JSON text; what is searched for has a column of its own.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Table,
    Text,
    TypeDecorator,
    text,
)


class Moment(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite keeps it without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """To an aware time."""
        if value is None:
            return None
        moment: datetime = value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)
        return moment


class Words(TypeDecorator[str]):
    """Text that any program or person wrote: NUL and lone surrogates, which no database takes, are replaced."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """Without what cannot be stored."""
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """A text as `Words` keeps it."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")


AnyRow = Row[*tuple[Any, ...]]
Number = BigInteger().with_variant(Integer, "sqlite")
CHANGES_STATE = ("apply", "destroy")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("guid", Words, primary_key=True),
    Column("event", Words, nullable=False),
    Column("action", Words, nullable=False),
    Column("received", Moment, nullable=False, index=True),
)

calls = Table(
    "calls",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("actor", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("argument", Number),
    Column("created", Moment, nullable=False),
    Column("sent", Moment),
    Column("delivery", Words, ForeignKey("deliveries.guid")),
    sqlite_autoincrement=True,
)
_UNSENT = calls.c.sent.is_(None)
Index("ix_calls_unsent", calls.c.actor, calls.c.argument, sqlite_where=_UNSENT, postgresql_where=_UNSENT)
Index(None, calls.c.sent)
Index(None, calls.c.delivery)

workspaces = Table(
    "workspaces",
    metadata,
    Column("request", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("files", LargeBinary, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("family", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("team", Words, nullable=False),
    Column("path", Words, nullable=False),
    Column("subject", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("commit", Text, nullable=False),
    Column("pull", Number),
    Column("after", Number),
    Column("attempt", Integer, nullable=False),
    Column("queue", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("outcome", Text),
    Column("by_person", Boolean, nullable=False),
    Column("state_json", Text, nullable=False),
    Column("reviewed_json", Text, nullable=False),
    Column("conditions_json", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("started", Moment),
    Column("ended", Moment),
    Column("due", Moment, nullable=False),
    Column("worker", Words, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("lease_until", Moment),
    Column("beat", Moment),
    Column("confirmed", Words, nullable=False, server_default=""),
    Column("until", Moment),
    Column("times_failed", Integer, nullable=False, server_default="0"),
    Column("times_lost", Integer, nullable=False, server_default="0"),
    Column("reminders", Integer, nullable=False, server_default="0"),
    ForeignKeyConstraint(["request", "digest"], ["workspaces.request", "workspaces.digest"]),
    sqlite_autoincrement=True,
)
_LEASED = text("state = 'running' AND operation IN ('apply', 'destroy')")
Index("uq_runs_leased", runs.c.request, unique=True, sqlite_where=_LEASED, postgresql_where=_LEASED)
Index(None, runs.c.family)
Index(None, runs.c.request, runs.c.id)
Index(None, runs.c.pull, runs.c.id)
Index(None, runs.c.commit, runs.c.id)
Index(None, runs.c.state, runs.c.queue, runs.c.id)
Index(None, runs.c.outcome, runs.c.id)

requests = Table(
    "requests",
    metadata,
    Column("key", Text, primary_key=True),
    Column("team", Words, nullable=False),
    Column("path", Words, nullable=False),
    Column("subject", Text, nullable=False),
    Column("digest", Text),
    Column("begun", Text),
    Column("last_run", Number, ForeignKey("runs.id")),
    Column("outputs", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("run", Number),
    Column("changed", Moment, nullable=False),
)
Index(None, requests.c.status, requests.c.key)

proposals = Table(
    "proposals",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("proposal", Text, nullable=False),
)
Index(None, proposals.c.state, proposals.c.number)

proposed = Table(
    "proposed",
    metadata,
    Column("pull", Number, ForeignKey("proposals.number"), primary_key=True, autoincrement=False),
    Column("request", Text, primary_key=True),
    Column("team", Words, nullable=False),
    Column("path", Words, nullable=False),
    Column("subject", Text, nullable=False),
    Column("rejected", Boolean, nullable=False),
)
Index(None, proposed.c.request)

answers = Table(
    "answers",
    metadata,
    Column("comment", Number, primary_key=True, autoincrement=False),
    Column("pull", Number, nullable=False),
    Column("by", Words, nullable=False),
    Column("refused", Boolean, nullable=False),
    Column("words", Text, nullable=False),
    Column("vouches", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
Index(None, answers.c.pull, answers.c.comment)

logs = Table(
    "logs",
    metadata,
    Column("run", Number, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("text", Words, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("run", Number, ForeignKey("runs.id"), nullable=False),
    Column("actor", Words, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("why", Words, nullable=False),
    sqlite_autoincrement=True,
)
Index(None, events.c.run, events.c.id)

turns = Table(
    "turns",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until", Moment, nullable=False),
    Column("wanted", Boolean, nullable=False),
)

workers = Table(
    "workers",
    metadata,
    Column("name", Words, primary_key=True),
    Column("card", Text, nullable=False),
    Column("started", Moment, nullable=False),
    Column("heard", Moment, nullable=False),
)

meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

CURSOR = "cursor"
"""The name in `meta` of the commit that was last reconciled."""
LOOKED = "looked"
"""And of when that was."""
HEARD = "heard"
"""And of until when every comment was looked at."""

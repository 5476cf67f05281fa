"""The first tables.

Revision: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_moment = sa.DateTime(timezone=True)
_unsent = sa.text("sent IS NULL")
_leased = sa.text("state = 'running' AND operation IN ('apply', 'destroy')")


def upgrade() -> None:
    _deliveries()
    _meta()
    _proposals()
    _turns()
    _workers()
    _workspaces()
    _calls()
    _proposed()
    _runs()
    _events()
    _logs()
    _requests()


def downgrade() -> None:
    for table in (
        "requests",
        "logs",
        "events",
        "runs",
        "proposed",
        "calls",
        "workspaces",
        "workers",
        "turns",
        "proposals",
        "meta",
        "deliveries",
    ):
        op.drop_table(table)


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("received", _moment, nullable=False),
        sa.PrimaryKeyConstraint("guid", name="pk_deliveries"),
    )


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )


def _proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("number", _number, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("proposal", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_proposals"),
    )
    op.create_index("ix_proposals_state_number", "proposals", ["state", "number"])


def _turns() -> None:
    op.create_table(
        "turns",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until", _moment, nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_turns"),
    )


def _workers() -> None:
    op.create_table(
        "workers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("started", _moment, nullable=False),
        sa.Column("heard", _moment, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_workers"),
    )


def _workspaces() -> None:
    op.create_table(
        "workspaces",
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("request", "digest", name="pk_workspaces"),
    )


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", _number, autoincrement=True, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("argument", _number, nullable=True),
        sa.Column("created", _moment, nullable=False),
        sa.Column("sent", _moment, nullable=True),
        sa.Column("delivery", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["delivery"], ["deliveries.guid"], name="fk_calls_deliveries"),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_calls_delivery", "calls", ["delivery"])
    op.create_index("ix_calls_sent", "calls", ["sent"])
    op.create_index(
        "ix_calls_unsent", "calls", ["actor", "argument"], sqlite_where=_unsent, postgresql_where=_unsent
    )


def _proposed() -> None:
    op.create_table(
        "proposed",
        sa.Column("pull", _number, autoincrement=False, nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("rejected", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["pull"], ["proposals.number"], name="fk_proposed_proposals"),
        sa.PrimaryKeyConstraint("pull", "request", name="pk_proposed"),
    )
    op.create_index("ix_proposed_request", "proposed", ["request"])


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", _number, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("commit", sa.Text(), nullable=False),
        sa.Column("pull", _number, nullable=True),
        sa.Column("after", _number, nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("by_person", sa.Boolean(), nullable=False),
        sa.Column("state_json", sa.Text(), nullable=False),
        sa.Column("reviewed_json", sa.Text(), nullable=False),
        sa.Column("conditions_json", sa.Text(), nullable=False),
        sa.Column("created", _moment, nullable=False),
        sa.Column("started", _moment, nullable=True),
        sa.Column("ended", _moment, nullable=True),
        sa.Column("due", _moment, nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("lease_until", _moment, nullable=True),
        sa.Column("beat", _moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["request", "digest"], ["workspaces.request", "workspaces.digest"], name="fk_runs_workspaces"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.UniqueConstraint("key", name="uq_runs_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_runs_commit_id", "runs", ["commit", "id"])
    op.create_index("ix_runs_family", "runs", ["family"])
    op.create_index("ix_runs_outcome_id", "runs", ["outcome", "id"])
    op.create_index("ix_runs_pull_id", "runs", ["pull", "id"])
    op.create_index("ix_runs_request_id", "runs", ["request", "id"])
    op.create_index("ix_runs_state_queue_id", "runs", ["state", "queue", "id"])
    op.create_index(
        "uq_runs_leased", "runs", ["request"], unique=True, sqlite_where=_leased, postgresql_where=_leased
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", _number, autoincrement=True, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("run", _number, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_events_runs"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_run_id", "events", ["run", "id"])


def _logs() -> None:
    op.create_table(
        "logs",
        sa.Column("run", _number, autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_logs_runs"),
        sa.PrimaryKeyConstraint("run", "seq", name="pk_logs"),
    )


def _requests() -> None:
    op.create_table(
        "requests",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("begun", sa.Text(), nullable=True),
        sa.Column("last_run", _number, nullable=True),
        sa.Column("outputs", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("run", _number, nullable=True),
        sa.Column("changed", _moment, nullable=False),
        sa.ForeignKeyConstraint(["last_run"], ["runs.id"], name="fk_requests_runs"),
        sa.PrimaryKeyConstraint("key", name="pk_requests"),
    )
    op.create_index("ix_requests_status_key", "requests", ["status", "key"])

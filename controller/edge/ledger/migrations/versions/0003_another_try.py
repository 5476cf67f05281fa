"""Until when another try waits, how often work came to nothing, and how often a run was called again.

Revision: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COUNTS = ("times_failed", "times_lost", "reminders")


def upgrade() -> None:
    op.add_column("runs", sa.Column("until", sa.DateTime(timezone=True), nullable=True))
    for name in _COUNTS:
        op.add_column("runs", sa.Column(name, sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    """What waits for its time is tried at the next reminder: nobody reads until when any more."""
    for name in (*reversed(_COUNTS), "until"):
        op.drop_column("runs", name)

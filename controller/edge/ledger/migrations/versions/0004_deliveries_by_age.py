"""Deliveries are found by their age, to be forgotten.

Revision: 0004
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INDEX = "ix_deliveries_received"


def upgrade() -> None:
    op.create_index(_INDEX, "deliveries", ["received"])


def downgrade() -> None:
    """Nobody forgets deliveries any more."""
    op.drop_index(_INDEX, "deliveries")

"""Which comments were answered, and who confirmed what a plan ends.

Revision: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("comment", _number, autoincrement=False, nullable=False),
        sa.Column("pull", _number, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("vouches", sa.Text(), nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("comment", name="pk_answers"),
    )
    op.create_index("ix_answers_pull_comment", "answers", ["pull", "comment"])
    op.add_column("runs", sa.Column("confirmed", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("runs", "confirmed")
    op.drop_table("answers")

"""What feeds teach: since when they fail, where they lead for good, and where entries were missed.

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

from models.storage.database import BigKey, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    with op.batch_alter_table("feeds", schema=None) as batch_op:
        batch_op.add_column(sa.Column("failing_since", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("failed_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("moved_to", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("moved_since", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("moved_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("moved_nights", BigKey, server_default="0", nullable=False))
        batch_op.add_column(sa.Column("gap_at", UtcDateTime(), nullable=True))

"""Keep who did what by hand, and when.

Revision: 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op

from models.storage.database import BigKey, UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    op.create_table(
        "acts",
        sa.Column("id", BigKey, sa.Identity(always=False), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("story_id", BigKey, nullable=True),
        sa.Column("run_id", BigKey, nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_acts_run_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_acts_story_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
    )
    with op.batch_alter_table("acts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_acts_story_id"), ["story_id"], unique=False)

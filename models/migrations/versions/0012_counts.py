"""Keep sums of stories by feeds, topic, day and language, and of what feeds answered, by day.

What is kept already is counted by revision 0025, which adds to these sums.

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

from models.storage.database import BigKey

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    op.create_table(
        "story_counts",
        sa.Column("feeds", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("stories", BigKey, nullable=False),
        sa.Column("published", BigKey, nullable=False),
        sa.PrimaryKeyConstraint("feeds", "topic", "day", "language", name=op.f("pk_story_counts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feed_sets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("feeds", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_feed_sets")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feed_days",
        sa.Column("feed_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("asked", BigKey, nullable=False),
        sa.Column("answered", BigKey, nullable=False),
        sa.Column("gaps", BigKey, nullable=False),
        sa.Column("resting", BigKey, nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_feed_days_feed_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("feed_id", "day", name=op.f("pk_feed_days")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("feed_days", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feed_days_day"), ["day"], unique=False)

"""Keep sums of stories and of what feeds answered by month, and of every feed by day.

What is kept already is counted by revision 0025, which adds to these sums.

Revision: 0021, after 0020.
"""

import sqlalchemy as sa
from alembic import op

from models.storage.database import BigKey

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    op.create_table(
        "story_months",
        sa.Column("feeds", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("stories", BigKey, nullable=False),
        sa.Column("published", BigKey, nullable=False),
        sa.PrimaryKeyConstraint("feeds", "topic", "month", "language", name=op.f("pk_story_months")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feed_sums",
        sa.Column("feeds", sa.Text(), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("asked", BigKey, nullable=False),
        sa.Column("answered", BigKey, nullable=False),
        sa.Column("gaps", BigKey, nullable=False),
        sa.Column("resting", BigKey, nullable=False),
        sa.PrimaryKeyConstraint("feeds", "begins", name=op.f("pk_feed_sums")),
        sqlite_with_rowid=False,
    )

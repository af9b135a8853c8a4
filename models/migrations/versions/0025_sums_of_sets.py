"""Keep sums of all stories by month, and of each set of feeds over all time; of what is kept at once.

Revision: 0025, after 0024.
"""

import sqlalchemy as sa
from alembic import op

from models.archive.ledger.counts import recount
from models.storage.database import BigKey

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    op.drop_table("feed_sets")  # its rows are told by the recount, as all sums are
    op.create_table(
        "feed_sets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("feeds", sa.Text(), nullable=False),
        sa.Column("stories", BigKey, nullable=False),
        sa.Column("published", BigKey, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_feed_sets")),
        sqlite_with_rowid=False,
    )
    recount(op.get_bind())

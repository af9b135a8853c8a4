"""Find what waits at a run's end by its index, and read what was kept before in parts.

Revision: 0016, after 0015.
"""

import sqlalchemy as sa
from alembic import op

from models.storage.database import BigKey

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TURNED_AWAY = sa.text("relevant_run_id IS NULL")


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    with op.batch_alter_table("change_marks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kept_before", BigKey, server_default="0", nullable=False))
    op.create_index(
        "ix_stories_turned_away",
        "stories",
        ["first_run_id"],
        sqlite_where=_TURNED_AWAY,
        postgresql_where=_TURNED_AWAY,
    )
    op.drop_index("ix_story_vectors_encoder", "story_vectors")
    op.create_index("ix_story_vectors_encoder", "story_vectors", ["encoder", "story_id"])

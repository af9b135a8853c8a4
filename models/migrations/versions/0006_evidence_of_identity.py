"""Evidence of identity.

Revision: 0006, after 0005.

A sighting keeps the moment that its feed names and a mark of its text; documents that are handed in are known across
their sources.
"""

import sqlalchemy as sa
from alembic import op

from models.storage.database import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    op.add_column("sightings", sa.Column("text_hash", sa.Text(), server_default="", nullable=False))
    op.add_column("sightings", sa.Column("published_at", UtcDateTime(), nullable=True))
    op.create_index("ix_sightings_moment", "sightings", ["feed_id", "published_at", "content_hash"])
    _date_sightings()
    _join_imports()


def _date_sightings() -> None:
    """Give a story's moment to the sightings of the run that brought it; what later ones said was not kept."""
    op.execute(
        sa.text(
            "UPDATE sightings SET published_at = (SELECT stories.published_at FROM stories "
            "WHERE stories.id = sightings.story_id AND stories.first_run_id = sightings.first_run_id)"
        )
    )


def _join_imports() -> None:
    """Know documents by one name whatever source they came by; of several stories, the oldest has it."""
    op.execute(
        sa.text(
            "UPDATE story_keys SET scope = 'import' WHERE scope LIKE 'import:%' AND NOT EXISTS ("
            "SELECT 1 FROM story_keys AS other WHERE other.kind = story_keys.kind AND other.key = story_keys.key "
            "AND (other.scope = 'import' OR (other.scope LIKE 'import:%' AND other.scope <> story_keys.scope "
            "AND (other.story_id < story_keys.story_id "
            "OR (other.story_id = story_keys.story_id AND other.scope < story_keys.scope)))))"
        )
    )

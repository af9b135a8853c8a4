"""Entries without a name.

Revision: 0003, after 0002.

A story that was born of an entry without a name has the entry's digest as its key.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    op.execute(
        sa.text(
            "INSERT INTO story_keys (kind, scope, key, story_id, feed_id, is_shared, key_version, added_at) "
            "SELECT 'digest', feed_id, entry_digest, min(story_id), feed_id, false, 1, min(first_seen_at) "
            "FROM sightings WHERE story_id NOT IN (SELECT story_id FROM story_keys) GROUP BY feed_id, entry_digest"
        )
    )

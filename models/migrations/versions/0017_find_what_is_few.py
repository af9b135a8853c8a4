"""Find corrections, and stories whose labels are doubtful, without reading all that are not.

Revision: 0017, after 0016.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_REVISED = sa.text("revisions > 0")
_CORRECTED = sa.text("reason IN ('revised', 'restored')")


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    op.create_index(
        "ix_story_versions_corrected",
        "story_versions",
        ["id"],
        sqlite_where=_CORRECTED,
        postgresql_where=_CORRECTED,
    )
    op.create_index("ix_stories_revised", "stories", ["id"], sqlite_where=_REVISED, postgresql_where=_REVISED)
    op.create_index(
        "ix_classifications_doubtful",
        "classifications",
        ["story_id"],
        sqlite_where=sa.text("needs_review = 1"),
        postgresql_where=sa.text("needs_review"),
    )

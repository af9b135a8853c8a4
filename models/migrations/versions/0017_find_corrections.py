"""Find the versions that corrected a story without reading those that did not.

Revision: 0017, after 0016.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

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

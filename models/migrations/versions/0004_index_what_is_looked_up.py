"""Index what is looked up.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    with op.batch_alter_table("classifications", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_classifications_version_id"), ["version_id"], unique=False)

    with op.batch_alter_table("fetches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fetches_digest"), ["digest"], unique=False)
        batch_op.create_index(
            "ix_fetches_story_id",
            ["story_id"],
            unique=False,
            sqlite_where=sa.text("story_id IS NOT NULL"),
            postgresql_where=sa.text("story_id IS NOT NULL"),
        )

    with op.batch_alter_table("stories", schema=None) as batch_op:
        batch_op.create_index(
            "ix_stories_merged_into",
            ["merged_into"],
            unique=False,
            sqlite_where=sa.text("merged_into IS NOT NULL"),
            postgresql_where=sa.text("merged_into IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_stories_page_digest",
            ["page_digest"],
            unique=False,
            sqlite_where=sa.text("page_digest IS NOT NULL"),
            postgresql_where=sa.text("page_digest IS NOT NULL"),
        )

    with op.batch_alter_table("story_versions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_story_versions_raw_digest",
            ["raw_digest"],
            unique=False,
            sqlite_where=sa.text("raw_digest IS NOT NULL"),
            postgresql_where=sa.text("raw_digest IS NOT NULL"),
        )

"""Index the titles of the search by themselves on PostgreSQL: who has a word in its title ranks first.

Revision: 0023, after 0022.
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    if op.get_bind().dialect.name == "postgresql":
        # It is there where an earlier revision made the index anew.
        op.execute(
            "CREATE INDEX IF NOT EXISTS ix_story_search_titles ON story_search "
            """USING gin (ts_filter(words, '{a,b}'::"char"[]))"""
        )
        op.execute("ALTER INDEX ix_story_search_titles ALTER 1 SET STATISTICS 0")

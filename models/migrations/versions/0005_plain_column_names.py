"""Name columns in plain words.

Revision: 0005, after 0004.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_RENAMED = (
    ("stories", "lead", "text_source"),
    ("stories", "admitted_at", "relevant_at"),
    ("stories", "admitted_run_id", "relevant_run_id"),
    ("story_keys", "is_shared", "is_ambiguous"),
)


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction. Indexes and their conditions follow the columns."""
    for table, old, new in _RENAMED:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")

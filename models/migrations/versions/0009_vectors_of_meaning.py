"""Keep vectors of what stories mean, and queue every story for its own.

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

from models.storage.database import BigKey, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    op.create_table(
        "story_vectors",
        sa.Column("story_id", BigKey, nullable=False),
        sa.Column("encoder", sa.Text(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_story_vectors_story_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("story_id", name=op.f("pk_story_vectors")),
    )
    with op.batch_alter_table("story_vectors", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_story_vectors_encoder"), ["encoder"], unique=False)

    queue = op.create_table(
        "vector_queue",
        sa.Column("story_id", BigKey, nullable=False),
        sa.Column("queued_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_vector_queue_story_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("story_id", name=op.f("pk_vector_queue")),
    )
    stories = sa.table("stories", sa.column("id"), sa.column("relevant_at"), sa.column("withdrawn_at"))
    kept = sa.select(stories.c.id, stories.c.relevant_at).where(
        stories.c.relevant_at.is_not(None), stories.c.withdrawn_at.is_(None)
    )
    op.get_bind().execute(queue.insert().from_select(["story_id", "queued_at"], kept))

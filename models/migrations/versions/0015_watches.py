"""Keep what each saved search has told, and to whom.

Revision: 0015, after 0014.
"""

import sqlalchemy as sa
from alembic import op

from models.storage.database import BigKey, UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    op.create_table(
        "watches",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("looked_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_watches")),
    )
    op.create_table(
        "notices",
        sa.Column("id", BigKey, sa.Identity(always=False), nullable=False),
        sa.Column("run_id", BigKey, nullable=False),
        sa.Column("watch", sa.Text(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("told_upto", BigKey, nullable=False),
        sa.Column("stories", BigKey, nullable=False),
        sa.Column("tried_at", UtcDateTime(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_notices_run_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["watch"], ["watches.name"], name=op.f("fk_notices_watch"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index("ix_notices_recipient", ["watch", "recipient"], unique=False)
        batch_op.create_index(batch_op.f("ix_notices_run_id"), ["run_id"], unique=False)

    op.create_table(
        "watch_matches",
        sa.Column("id", BigKey, sa.Identity(always=False), nullable=False),
        sa.Column("watch", sa.Text(), nullable=False),
        sa.Column("story_id", BigKey, nullable=False),
        sa.Column("matched_at", UtcDateTime(), nullable=False),
        sa.Column("is_known", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_watch_matches_story_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["watch"], ["watches.name"], name=op.f("fk_watch_matches_watch"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_matches")),
        sa.UniqueConstraint("watch", "story_id", name=op.f("uq_watch_matches_watch_story_id")),
    )
    with op.batch_alter_table("watch_matches", schema=None) as batch_op:
        batch_op.create_index("ix_watch_matches_moment", ["watch", "matched_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_watch_matches_story_id"), ["story_id"], unique=False)

"""Tell what revisions corrected and which stories are copies; what is kept is read at the ends of the next runs.

Revision: 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

from models.storage.database import BigKey, UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    op.create_table(
        "corrections",
        sa.Column("id", BigKey, sa.Identity(always=False), nullable=False),
        sa.Column("story_id", BigKey, nullable=False),
        sa.Column("version_id", BigKey, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _TEXTS),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("corrected_at", UtcDateTime(), nullable=False),
        sa.Column("run_id", BigKey, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_corrections_run_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_corrections_story_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["story_versions.id"], name=op.f("fk_corrections_version_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index("ix_corrections_kind", "corrections", ["kind", "corrected_at", "id"])
    op.create_index("ix_corrections_corrected_at", "corrections", ["corrected_at", "id"])
    for column in ("story_id", "version_id"):
        op.create_index(op.f(f"ix_corrections_{column}"), "corrections", [column])
    _make_copies()


def _make_copies() -> None:
    op.create_table(
        "story_copies",
        sa.Column("story_id", BigKey, nullable=False),
        sa.Column("version_id", BigKey, nullable=False),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("copied_from", BigKey, nullable=True),
        *(sa.Column(name, sa.Float(), nullable=True) for name in ("jaccard", "kept", "changed", "cut", "added")),
        sa.Column("bands", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["copied_from"], ["stories.id"], name=op.f("fk_story_copies_copied_from"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_story_copies_story_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("story_id", name=op.f("pk_story_copies")),
    )
    op.create_index(op.f("ix_story_copies_copied_from"), "story_copies", ["copied_from"])
    op.create_table(
        "copy_bands",
        sa.Column("band", BigKey, nullable=False, autoincrement=False),
        sa.Column("story_id", BigKey, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("band", "story_id", name=op.f("pk_copy_bands")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "copy_queue",
        sa.Column("story_id", BigKey, nullable=False),
        sa.Column("queued_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_copy_queue_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("story_id", name=op.f("pk_copy_queue")),
    )


_TEXTS = ("sentence_before", "sentence_after", "before", "after")

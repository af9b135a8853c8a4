"""Tell what revisions corrected; what is kept is told at the end of the next run.

Revision: 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

from models.database import BigKey, UtcDateTime

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


_TEXTS = ("sentence_before", "sentence_after", "before", "after")

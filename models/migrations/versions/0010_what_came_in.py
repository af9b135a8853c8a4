"""Log what changes, so that readers can ask for what came since; what is kept is logged as it came.

Revision: 0010, after 0009.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from models.database import BigKey, UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_GIVEN_AT = sa.text("relevant_at IS NOT NULL")
_GIVEN_RUN = sa.text("relevant_run_id IS NOT NULL")


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    changes = op.create_table(
        "story_changes",
        sa.Column("id", BigKey, sa.Identity(always=False), nullable=False),
        sa.Column("story_id", BigKey, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("run_id", BigKey, nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_story_changes_run_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_story_changes_story_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story_changes")),
    )
    op.create_table(
        "change_marks",
        sa.Column("follower", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("change_id", BigKey, nullable=False),
        sa.PrimaryKeyConstraint("follower", name=op.f("pk_change_marks")),
    )
    _log_what_is_kept(changes)
    op.create_index("ix_story_changes_story_id", "story_changes", ["story_id", "id"])
    op.create_index(op.f("ix_story_changes_run_id"), "story_changes", ["run_id"])
    op.create_index(op.f("ix_story_changes_changed_at"), "story_changes", ["changed_at"])
    columns = ("relevant_at", "id"), ("relevant_run_id", "relevant_at", "id")
    op.create_index("ix_stories_admitted", "stories", columns[0], sqlite_where=_GIVEN_AT, postgresql_where=_GIVEN_AT)
    op.create_index(
        "ix_stories_relevant_run_id", "stories", columns[1], sqlite_where=_GIVEN_RUN, postgresql_where=_GIVEN_RUN
    )


def _log_what_is_kept(changes: sa.Table) -> None:
    names = ("id", "relevant_at", "relevant_run_id", "first_seen_at", "withdrawn_at", "merged_into")
    stories = sa.table("stories", *(sa.column(name) for name in names))
    versions = sa.table("story_versions", *(sa.column(name) for name in ("story_id", "number", "run_id", "created_at")))
    was_admitted = stories.c.relevant_run_id.is_not(None)
    admitted_at = sa.func.coalesce(stories.c.relevant_at, stories.c.first_seen_at)
    came = _rows(stories.c.id, "admitted", stories.c.relevant_run_id, admitted_at).where(was_admitted)
    newer = versions.c.created_at > admitted_at
    changed = _rows(versions.c.story_id, "text", versions.c.run_id, versions.c.created_at)
    changed = changed.join(stories, stories.c.id == versions.c.story_id).where(was_admitted, newer)
    gone = _rows(stories.c.id, "withdrawn", sa.cast(sa.null(), BigKey), stories.c.withdrawn_at)
    gone = gone.where(was_admitted, stories.c.withdrawn_at.is_not(None))
    rows = sa.union_all(came, changed, gone).subquery("rows")
    ordered = sa.select(rows).order_by(rows.c.changed_at, rows.c.story_id)
    op.get_bind().execute(changes.insert().from_select(["story_id", "kind", "run_id", "changed_at"], ordered))


def _rows(story_id: Any, kind: str, run_id: Any, changed_at: Any) -> Any:  # noqa: ANN401 (SQLAlchemy's expressions)
    named = (story_id.label("story_id"), sa.literal(kind).label("kind"), run_id.label("run_id"))
    return sa.select(*named, changed_at.label("changed_at"))

"""Log what changes, so that readers can ask for what came since; what is kept is logged as it came.

Revision: 0010, after 0009.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from models.storage.database import BigKey, UtcDateTime

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
    """Log what can still be told of stories that readers saw, in the order in which it happened.

    In doubt it is told: whoever follows the log loses nothing by hearing of a story that it never had.
    """
    told = (_came(), _became_other_texts(), _were_labelled_later(), _stay_merged(), _went_merged(), _were_withdrawn())
    rows = sa.union_all(*told).subquery("rows")
    ordered = sa.select(rows.c.story_id, rows.c.kind, rows.c.run_id, rows.c.changed_at)
    ordered = ordered.order_by(rows.c.changed_at, rows.c.place, rows.c.story_id)
    op.get_bind().execute(changes.insert().from_select(["story_id", "kind", "run_id", "changed_at"], ordered))


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns))


def _rows(place: int, kind: Any, story_id: Any, run_id: Any, changed_at: Any) -> sa.Select[Any]:  # noqa: ANN401 (SQLAlchemy's expressions)
    """Make rows of the log; of one moment those with a lower place come first."""
    named = (story_id.label("story_id"), kind.label("kind"), run_id.label("run_id"), changed_at.label("changed_at"))
    return sa.select(*named, sa.literal_column(str(place)).label("place"))


_STORIES = _table(
    *("stories", "id", "relevant_at", "relevant_run_id", "first_run_id", "first_seen_at"),
    *("withdrawn_at", "merged_into", "classification_id"),
)
_VERSIONS = _table("story_versions", "id", "story_id", "run_id", "created_at")
_LABELS = _table("classifications", "id", "version_id", "origin", "classifier_version", "created_at")
_RUNS = _table("runs", "id", "mode", "code_version", "started_at")
_FETCHES = _table("fetches", "story_id", "run_id", "started_at")

_INTO = _STORIES.alias("merged")
_BOTH = _STORIES.outerjoin(_INTO, _INTO.c.id == _STORIES.c.merged_into)

# Stories are merged where a page is read: not later than when one of the two was asked for last.
_READ = _FETCHES.c.story_id.in_((_STORIES.c.id, _STORIES.c.merged_into))
_MERGED_BY, _MERGED_AT = (
    sa.select(column).where(_READ).order_by(_FETCHES.c.started_at.desc()).limit(1).scalar_subquery()
    for column in (_FETCHES.c.run_id, _FETCHES.c.started_at)
)

# A merger gave the story that stays the admission of the one that went, where it had none of its own.
_HAS_OWN = _STORIES.c.relevant_run_id.is_not(None)
_WAS_FIRST = sa.func.coalesce(_INTO.c.relevant_at <= _MERGED_AT, sa.true())
_HAS_GIVEN = ~_HAS_OWN & (_INTO.c.relevant_run_id >= _STORIES.c.first_run_id) & _WAS_FIRST
_WAS_ADMITTED = _HAS_OWN | _HAS_GIVEN
_OWN_MOMENT = sa.func.coalesce(_STORIES.c.relevant_at, _STORIES.c.first_seen_at)  # gone where a person hid it since
_ADMITTED_AT = sa.case((_HAS_OWN, _OWN_MOMENT), else_=sa.func.coalesce(_INTO.c.relevant_at, _STORIES.c.first_seen_at))
_ADMITTED_BY = sa.func.coalesce(_STORIES.c.relevant_run_id, _INTO.c.relevant_run_id)
_NO_RUN = sa.cast(sa.null(), BigKey)


def _came() -> sa.Select[Any]:
    came = _rows(0, sa.literal("admitted"), _STORIES.c.id, _ADMITTED_BY, _ADMITTED_AT)
    return came.select_from(_BOTH).where(_WAS_ADMITTED)


def _became_other_texts() -> sa.Select[Any]:
    changed = _rows(1, sa.literal("text"), _STORIES.c.id, _VERSIONS.c.run_id, _VERSIONS.c.created_at)
    with_texts = _BOTH.join(_VERSIONS, _VERSIONS.c.story_id == _STORIES.c.id)
    return changed.select_from(with_texts).where(_WAS_ADMITTED, _VERSIONS.c.created_at > _ADMITTED_AT)


def _were_labelled_later() -> sa.Select[Any]:
    """Tell of stories whose labels are younger than their texts: a person's, or those of newer topics."""
    is_its = (_RUNS.c.mode == "reclassify") & (_RUNS.c.code_version == _LABELS.c.classifier_version)
    is_its &= (_LABELS.c.origin == "auto") & (_RUNS.c.started_at >= _LABELS.c.created_at)
    run_id = sa.select(sa.func.min(_RUNS.c.id)).where(is_its).scalar_subquery()
    switched_at = sa.select(sa.func.min(_RUNS.c.started_at)).where(is_its).scalar_subquery()
    moment = sa.func.coalesce(switched_at, _LABELS.c.created_at)
    kind = sa.case((_STORIES.c.relevant_at.is_(None), sa.literal("hidden")), else_=sa.literal("labels"))
    with_labels = _STORIES.join(_LABELS, _LABELS.c.id == _STORIES.c.classification_id)
    with_labels = with_labels.join(_VERSIONS, _VERSIONS.c.id == _LABELS.c.version_id)
    is_later = (_LABELS.c.created_at > _VERSIONS.c.created_at) & (moment > _OWN_MOMENT)
    labelled = _rows(2, kind, _STORIES.c.id, run_id, moment).select_from(with_labels)
    return labelled.where(_HAS_OWN, _STORIES.c.merged_into.is_(None), is_later)


def _stay_merged() -> sa.Select[Any]:
    return _merged(_INTO.c.id).where(_INTO.c.relevant_run_id.is_not(None), _WAS_FIRST, ~_HAS_GIVEN)


def _went_merged() -> sa.Select[Any]:
    return _merged(_STORIES.c.id).where(_WAS_ADMITTED)


def _merged(story_id: Any) -> sa.Select[Any]:  # noqa: ANN401
    merged = _rows(3, sa.literal("merged"), story_id, _MERGED_BY, sa.func.coalesce(_MERGED_AT, _ADMITTED_AT))
    return merged.select_from(_BOTH).where(_STORIES.c.merged_into.is_not(None))


def _were_withdrawn() -> sa.Select[Any]:
    gone = _rows(4, sa.literal("withdrawn"), _STORIES.c.id, _NO_RUN, _STORIES.c.withdrawn_at)
    return gone.select_from(_BOTH).where(_WAS_ADMITTED, _STORIES.c.withdrawn_at.is_not(None))

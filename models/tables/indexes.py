"""The indexes that name an option of one database. Only what makes tables, or compares them, imports them.

For such an option SQLAlchemy loads that database's dialect: PostgreSQL's would be a tenth of a small command on SQLite.
"""

from typing import Final

from sqlalchemy import Index, text

from models.tables.conventions import Base
from models.tables.keys import table_of
from models.tables.labels import ClassificationRow
from models.tables.runs import Fetch
from models.tables.stories import Story, StoryVersion


def _where_given(name: str, model: type[Base], column: str, *others: str) -> Index:
    """Make an index of a column that most rows leave empty, and of others beside it."""
    is_given = text(f"{column} IS NOT NULL")
    columns = [table_of(model).c[one] for one in (column, *others)]
    return Index(name, *columns, sqlite_where=is_given, postgresql_where=is_given)


_STORIES: Final = table_of(Story).c
_VERSIONS: Final = table_of(StoryVersion).c
_TURNED_AWAY: Final = text("relevant_run_id IS NULL")
_REVISED: Final = text("revisions > 0")
_CORRECTED: Final = text("reason IN ('revised', 'restored')")

INDEXES: Final = (
    Index("ix_stories_sort_at", _STORIES.sort_at, _STORIES.id, postgresql_where=text("relevant_at IS NOT NULL")),
    Index("ix_stories_page_due", _STORIES.page_due_at, postgresql_where=text("page_due_at IS NOT NULL")),
    # A link may be longer than a sorted index takes; it is only ever looked up whole.
    Index("ix_stories_url", _STORIES.url, postgresql_using="hash"),
    _where_given("ix_stories_admitted", Story, "relevant_at", "id"),
    _where_given("ix_stories_relevant_run_id", Story, "relevant_run_id", "relevant_at", "id"),
    Index("ix_stories_turned_away", _STORIES.first_run_id, sqlite_where=_TURNED_AWAY, postgresql_where=_TURNED_AWAY),
    _where_given("ix_stories_merged_into", Story, "merged_into"),
    _where_given("ix_stories_page_digest", Story, "page_digest"),
    _where_given("ix_story_versions_raw_digest", StoryVersion, "raw_digest"),
    Index("ix_stories_revised", _STORIES.id, sqlite_where=_REVISED, postgresql_where=_REVISED),
    Index(
        "ix_classifications_doubtful",
        table_of(ClassificationRow).c.story_id,
        sqlite_where=text("needs_review = 1"),
        postgresql_where=text("needs_review"),
    ),
    # What publishers changed is few among all that was ever read.
    Index("ix_story_versions_corrected", _VERSIONS.id, sqlite_where=_CORRECTED, postgresql_where=_CORRECTED),
    _where_given("ix_fetches_story_id", Fetch, "story_id"),
)

"""The search index on SQLite: an FTS5 table of our tokens, its row id the story's."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    Integer,
    Subquery,
    column,
    false,
    literal,
    literal_column,
    select,
    table,
    text,
)

from models.search.interface import TABLE_PREFIX, SearchRow
from models.search.prepared import SQLITE, prepared
from models.search.query import Query, QueryTerm, parse_query
from models.storage.database import batches

_INDEX = table(TABLE_PREFIX, column("rowid", Integer))

_COLUMNS: Final = ("title", "body", "title_stems", "body_stems")
_CREATE: Final = (
    # Our tokens hold letters, digits, the points and commas inside numbers and the point in a stem; blanks part them.
    "CREATE VIRTUAL TABLE story_search USING fts5(title, body, title_stems, body_stems, "
    "tokenize=\"ascii tokenchars '.,'\")"
)
_REPLACE: Final = text(
    "INSERT OR REPLACE INTO story_search (rowid, title, body, title_stems, body_stems) "
    "VALUES (:story_id, :title, :body, :title_stems, :body_stems)"
)
_DELETE: Final = text("DELETE FROM story_search WHERE rowid = :story_id")
# bm25 is the lower the better; a word of the title weighs as much as five of the body, another form of it half of that.
_RANK: Final = "-bm25(story_search, 5.0, 1.0, 2.5, 0.5)"
# Merges all of the index into one piece, without the words that were deleted.
_MERGE: Final = "INSERT INTO story_search (story_search) VALUES ('optimize')"


class SqliteSearch:
    """SearchIndex on SQLite."""

    def create(self, connection: Connection) -> None:
        """Make the table, empty."""
        connection.exec_driver_sql(_CREATE)

    def drop(self, connection: Connection) -> None:
        """Take the table away."""
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {TABLE_PREFIX}")

    def index(self, connection: Connection, rows: Iterable[SearchRow]) -> None:
        """Take stories in, or their new words in place of their old ones."""
        for batch in batches(rows):
            connection.execute(_REPLACE, [_values(row) for row in batch])

    def remove(self, connection: Connection, story_ids: Iterable[int]) -> None:
        """Forget stories; those that it does not hold are passed over."""
        for batch in batches(story_ids):
            connection.execute(_DELETE, [{"story_id": story_id} for story_id in batch])

    def forget(self, connection: Connection) -> None:
        """Overwrite what removed stories and replaced words left in the index."""
        connection.exec_driver_sql(_MERGE)

    def matches(self, query: str) -> Subquery:
        """Return story_id and rank of what a person's query finds."""
        parsed = parse_query(query)
        found = select(_INDEX.c.rowid.label("story_id"))
        if parsed.groups:
            rank = literal_column(_RANK, Float).label("rank")
            return found.add_columns(rank).where(_match(_expression(parsed))).subquery("matches")
        found = found.add_columns(literal(0.0).label("rank"))
        if not parsed.excluded:
            return found.where(false()).subquery("matches")
        unwanted = select(_INDEX.c.rowid).where(_match(_any_of(parsed.excluded)))
        return found.where(_INDEX.c.rowid.not_in(unwanted)).subquery("matches")


def _match(expression: str) -> ColumnElement[bool]:
    return literal_column(TABLE_PREFIX).bool_op("MATCH")(expression)


def _values(row: SearchRow) -> dict[str, object]:
    words = row.words or prepared(SQLITE, row.title, row.text, row.language)
    return {"story_id": row.story_id} | dict(zip(_COLUMNS, words, strict=True))


def _expression(query: Query) -> str:
    wanted = " AND ".join(_any_of(group) for group in query.groups)
    return f"({wanted}) NOT {_any_of(query.excluded)}" if query.excluded else wanted


def _any_of(terms: tuple[QueryTerm, ...]) -> str:
    return f"({' OR '.join(_phrase(term) for term in terms)})"


def _phrase(term: QueryTerm) -> str:
    """Quote the tokens; none of them can hold a quote."""
    rows = [f'"{" ".join(row)}"' for row in term.rows]
    return f"{rows[0]} *" if term.is_prefix else " OR ".join(rows)

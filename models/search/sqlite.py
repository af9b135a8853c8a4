"""The search index on SQLite: an FTS5 table of our tokens, which keeps where they stand and not the words once more.

So it can take no row out and no words in the place of others (SQLite learnt that in 3.43): a story whose words change
gets another row, and `story_search_moved` says which of its rows counts. What is dead stays until the index is made
anew. A third of an archive were the words that a usual index keeps.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    FromClause,
    Integer,
    Select,
    column,
    false,
    func,
    literal,
    literal_column,
    not_,
    select,
    table,
    text,
)

from models.search.interface import EVERY_STORY, TABLE_PREFIX, Among, SearchRow
from models.search.prepared import SQLITE, prepared
from models.search.query import Query, QueryTerm, parse_query
from models.storage.database import batches

# A row is known by its story's number, its later rows by that and so many times this one.
_GENERATION_BITS: Final = 40
_INDEX = table(TABLE_PREFIX, column("rowid", Integer))
_MOVED = f"{TABLE_PREFIX}_moved"

_COLUMNS: Final = ("title", "body", "title_stems", "body_stems")
_CREATE: Final = (
    # Our tokens hold letters, digits, the points and commas inside numbers and the point in a stem; blanks part them.
    "CREATE VIRTUAL TABLE story_search USING fts5(title, body, title_stems, body_stems, content='', "
    "tokenize=\"ascii tokenchars '.,'\")"
)
_CREATE_MOVED: Final = (
    f"CREATE TABLE {_MOVED} (story_id INTEGER PRIMARY KEY, generation INTEGER NOT NULL, is_live INTEGER NOT NULL)"
)
_INSERT: Final = text(
    "INSERT INTO story_search (rowid, title, body, title_stems, body_stems) "
    "VALUES (:rowid, :title, :body, :title_stems, :body_stems)"
)
_THERE: Final = text("SELECT rowid FROM story_search WHERE rowid IN (SELECT value FROM json_each(:ids))")
_MOVED_AMONG: Final = text(
    f"SELECT story_id, generation FROM {_MOVED} WHERE story_id IN (SELECT value FROM json_each(:ids))"  # noqa: S608
)
_MOVE: Final = text(
    f"INSERT OR REPLACE INTO {_MOVED} (story_id, generation, is_live) "  # noqa: S608
    "VALUES (:story_id, :generation, :is_live)"
)
_IS_DEAD: Final[ColumnElement[bool]] = literal_column(
    f"EXISTS (SELECT 1 FROM {_MOVED} WHERE {_MOVED}.story_id = story_search.rowid & {(1 << _GENERATION_BITS) - 1} "  # noqa: S608
    f"AND NOT (is_live AND generation = story_search.rowid >> {_GENERATION_BITS}))"
)
_STORY_ID: Final = _INDEX.c.rowid.op("&")(literal_column(str((1 << _GENERATION_BITS) - 1), Integer))
# bm25 is the lower the better; a word of the title weighs as much as five of the body, another form of it half of that.
_RANK: Final = "-bm25(story_search, 5.0, 1.0, 2.5, 0.5)"


class SqliteSearch:
    """SearchIndex on SQLite."""

    def create(self, connection: Connection) -> None:
        """Make the tables, empty."""
        connection.exec_driver_sql(_CREATE)
        connection.exec_driver_sql(_CREATE_MOVED)

    def drop(self, connection: Connection) -> None:
        """Take the tables away."""
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {TABLE_PREFIX}")
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {_MOVED}")

    def index(self, connection: Connection, rows: Iterable[SearchRow]) -> None:
        """Take stories in, or their new words in place of their old ones."""
        for batch in batches(rows):
            places = _places(connection, [row.story_id for row in batch])
            placed = sorted(((places[row.story_id], row) for row in batch), key=lambda one: one[0])
            connection.execute(_INSERT, [_values(row, place) for place, row in placed])

    def remove(self, connection: Connection, story_ids: Iterable[int]) -> None:
        """Forget stories; those that it does not hold are passed over."""
        for batch in batches(story_ids):
            moved, there = _moved(connection, batch), _there(connection, batch)
            dead = [(story_id, moved.get(story_id, 0)) for story_id in sorted(moved.keys() | there)]
            _move(connection, dead, is_live=False)

    def forget(self, connection: Connection, shown: Iterable[SearchRow]) -> None:
        """Make the index anew of the stories that are shown, where removed ones and replaced words left anything."""
        if connection.exec_driver_sql(f"SELECT 1 FROM {_MOVED} LIMIT 1").first() is not None:  # noqa: S608
            self.drop(connection)
            self.create(connection)
            self.index(connection, shown)

    def matches(self, query: str, among: Among = EVERY_STORY) -> FromClause:
        """Return story_id and rank of what a person's query finds."""
        parsed = parse_query(query)
        found = select(_STORY_ID.label("story_id")).where(not_(_IS_DEAD))
        if parsed.groups:
            is_match = _match(_expression(parsed))
            found = _among(found, among, is_match).where(is_match)
            return found.add_columns(literal_column(_RANK, Float).label("rank")).subquery("matches")
        found = found.add_columns(literal(0.0).label("rank"))
        if not parsed.excluded:
            return found.where(false()).subquery("matches")
        unwanted = select(_INDEX.c.rowid).where(_match(_any_of(parsed.excluded)))
        others = _INDEX.c.rowid.not_in(unwanted)
        return _among(found, among, others).where(others).subquery("matches")


def _among(found: Select[Any], among: Among, is_match: ColumnElement[bool]) -> Select[Any]:
    first: ColumnElement[int] | int | None = among.first
    if among.newest is not None:
        # The index gives its rows in this order, and stops there.
        ids = select(_INDEX.c.rowid).where(is_match, _INDEX.c.rowid < 1 << _GENERATION_BITS)
        ids = ids.order_by(_INDEX.c.rowid.desc()).limit(1).offset(among.newest - 1)
        first = func.coalesce(ids.scalar_subquery(), 0)
    # The first of these has the index begin there; a later row of an older story is behind it too.
    return found if first is None else found.where(_INDEX.c.rowid >= first, first <= _STORY_ID)


def _match(expression: str) -> ColumnElement[bool]:
    return literal_column(TABLE_PREFIX).bool_op("MATCH")(expression)


def _places(connection: Connection, story_ids: Sequence[int]) -> dict[int, int]:
    """Give stories their next rows: the first of most, and another in the place of one that is there."""
    moved, there = _moved(connection, story_ids), _there(connection, story_ids)
    later = [(story_id, moved.get(story_id, 0) + 1) for story_id in sorted(moved.keys() | there)]
    _move(connection, later, is_live=True)
    return dict(zip(story_ids, story_ids, strict=True)) | {one: one + (to << _GENERATION_BITS) for one, to in later}


def _moved(connection: Connection, story_ids: Collection[int]) -> dict[int, int]:
    """Return the last row's generation of those stories that have, or had, another than their first."""
    return dict(connection.execute(_MOVED_AMONG, _listed(story_ids)).tuples().all())


def _there(connection: Connection, story_ids: Collection[int]) -> set[int]:
    """Return the stories that have, or had, a first row."""
    return set(connection.scalars(_THERE, _listed(story_ids)))


def _move(connection: Connection, places: Sequence[tuple[int, int]], *, is_live: bool) -> None:
    if places:
        rows = [{"story_id": one, "generation": to, "is_live": int(is_live)} for one, to in places]
        connection.execute(_MOVE, rows)


def _listed(story_ids: Collection[int]) -> dict[str, str]:
    return {"ids": orjson.dumps(list(story_ids)).decode()}


def _values(row: SearchRow, place: int) -> dict[str, object]:
    words = row.words or prepared(SQLITE, row.title, row.text, row.language)
    return {"rowid": place} | dict(zip(_COLUMNS, words, strict=True))


def _expression(query: Query) -> str:
    wanted = " AND ".join(_any_of(group) for group in query.groups)
    return f"({wanted}) NOT {_any_of(query.excluded)}" if query.excluded else wanted


def _any_of(terms: tuple[QueryTerm, ...]) -> str:
    return f"({' OR '.join(_phrase(term) for term in terms)})"


def _phrase(term: QueryTerm) -> str:
    """Quote the tokens; none of them can hold a quote."""
    rows = [f'"{" ".join(row)}"' for row in term.rows]
    return f"{rows[0]} *" if term.is_prefix else " OR ".join(rows)

"""The search index on SQLite: an FTS5 table of our tokens, which keeps where they stand and not the words once more.

So it takes a row out only where its words are told once more, to the letter (SQLite learnt better in 3.43). A story
whose words change gets another row, and `story_search_moved` says which of its rows counts; the dead ones stay. Of a
story that is taken down every row goes: `story_search_rows` has a digest of each one's words, by which they are found
among its texts (docs/decisions/search.md).
"""

from collections.abc import Collection, Iterable, Sequence
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    TextClause,
    false,
    func,
    literal_column,
    not_,
    select,
    table,
    text,
)

from models import json_text
from models.search.fts5 import INDEX, finds, ranked
from models.search.fts5_words import spelled_out
from models.search.interface import EVERY_STORY, TABLE_PREFIX, Among, Best, CameLast, InTitle, SearchRow
from models.search.languages import LANGUAGES, held_languages, note_languages
from models.search.prepared import SQLITE, prepared
from models.search.query import Query, parse_query
from models.storage.database import BATCH_ROWS, batches

# A row is known by its story's number, its later rows by that and so many times this one.
_GENERATION_BITS: Final = 40
_FIRST_PLACES: Final = 1 << _GENERATION_BITS  # a story's first row lies below, its later ones do not
_LOOKED_AT: Final = 6  # rows for each of those that came in last
_MOVED = f"{TABLE_PREFIX}_moved"
_ROWS = f"{TABLE_PREFIX}_rows"

_COLUMNS: Final = ("title", "body", "title_stems", "body_stems")
_CREATE: Final = (
    # Our tokens hold letters, digits, the points and commas inside numbers and the point in a stem; blanks part them.
    "CREATE VIRTUAL TABLE story_search USING fts5(title, body, title_stems, body_stems, content='', "
    "tokenize=\"ascii tokenchars '.,'\")"
)
# FTS5 keeps with the table how it is written: the words of a transaction as one piece, and eight pieces are merged at a
# time. By default there are three or four of a transaction, merged by four, which takes half as much time again.
_SET_UP: Final = (("hashsize", 8 << 20), ("automerge", 8))
_CREATE_MOVED: Final = (
    f"CREATE TABLE {_MOVED} (story_id INTEGER PRIMARY KEY, generation INTEGER NOT NULL, is_live INTEGER NOT NULL)"
)
# Without a digest: no word of the row may be left, and it could not be taken out.
_CREATE_ROWS: Final = f"CREATE TABLE {_ROWS} (place INTEGER PRIMARY KEY, digest INTEGER)"
_INSERT: Final = text(
    "INSERT INTO story_search (rowid, title, body, title_stems, body_stems) "
    "VALUES (:place, :title, :body, :title_stems, :body_stems)"
)
_NOTE: Final = text(f"INSERT INTO {_ROWS} (place, digest) VALUES (:place, :digest)")  # noqa: S608
_ERASE: Final = text(
    "INSERT INTO story_search (story_search, rowid, title, body, title_stems, body_stems) "
    "VALUES ('delete', :place, :title, :body, :title_stems, :body_stems)"
)
_STRIKE: Final = text(f"DELETE FROM {_ROWS} WHERE place = :place")  # noqa: S608
_THERE: Final = text(
    f"SELECT place, digest FROM {_ROWS} WHERE place IN (SELECT value FROM json_each(:ids))"  # noqa: S608
)
_MOVED_AMONG: Final = text(
    f"SELECT story_id, generation FROM {_MOVED} WHERE story_id IN (SELECT value FROM json_each(:ids))"  # noqa: S608
)
_MOVE: Final = text(
    f"INSERT OR REPLACE INTO {_MOVED} (story_id, generation, is_live) "  # noqa: S608
    "VALUES (:story_id, :generation, :is_live)"
)
_LEAVE: Final = text(f"DELETE FROM {_MOVED} WHERE story_id = :story_id")  # noqa: S608
_DOOM: Final = text(f"UPDATE {_ROWS} SET digest = NULL WHERE place = :place")  # noqa: S608
_ANY_DOOMED: Final = text(f"SELECT 1 FROM {_ROWS} WHERE digest IS NULL LIMIT 1")  # noqa: S608
_SET: Final = text("INSERT INTO story_search (story_search, rank) VALUES (:name, :value)")
# Merges all of the index into one piece, without the words that were deleted.
_MERGE: Final = text("INSERT INTO story_search (story_search) VALUES ('optimize')")
_IS_DEAD: Final[ColumnElement[bool]] = literal_column(
    f"EXISTS (SELECT 1 FROM {_MOVED} WHERE {_MOVED}.story_id = story_search.rowid & {_FIRST_PLACES - 1} "  # noqa: S608
    f"AND NOT (is_live AND generation = story_search.rowid >> {_GENERATION_BITS}))"
)
_STORY_ID: Final = INDEX.c.rowid.op("&")(literal_column(str(_FIRST_PLACES - 1), Integer))


class SqliteSearch:
    """SearchIndex on SQLite."""

    few = 2_000

    def create(self, connection: Connection) -> None:
        """Make the tables, empty."""
        connection.exec_driver_sql(_CREATE)
        connection.execute(_SET, [{"name": name, "value": value} for name, value in _SET_UP])
        connection.exec_driver_sql(_CREATE_MOVED)
        connection.exec_driver_sql(_CREATE_ROWS)
        LANGUAGES.create(connection)

    def drop(self, connection: Connection) -> None:
        """Take the tables away."""
        for name in (TABLE_PREFIX, _MOVED, _ROWS, LANGUAGES.name):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")

    def index(self, connection: Connection, rows: Iterable[SearchRow]) -> None:
        """Take stories in, or their new words in place of their old ones."""
        for batch in batches(rows):
            note_languages(connection, (row.language for row in batch))
            places = _next_places(connection, [row.story_id for row in batch])
            placed = sorted(((places[row.story_id], row) for row in batch), key=lambda one: one[0])
            values = [_values(place, _words(row)) for place, row in placed]
            connection.execute(_INSERT, values)
            connection.execute(_NOTE, values)

    def remove(self, connection: Connection, story_ids: Iterable[int]) -> None:
        """Have stories found no more; those that it does not hold are passed over."""
        for batch in batches(story_ids):
            moved, there = _moved(connection, batch), _there(connection, batch)
            dead = [(story_id, moved.get(story_id, 0)) for story_id in sorted(moved.keys() | there.keys())]
            _move(connection, dead, is_live=False)

    def erase(self, connection: Connection, story_ids: Collection[int], wordings: Iterable[SearchRow]) -> None:
        """Take stories out with their words; given all wordings that they may have been indexed with."""
        self.remove(connection, story_ids)
        told = {_digest(words): words for words in map(_words, wordings)}
        for story_id in story_ids:
            last = _moved(connection, [story_id]).get(story_id, 0)
            held = _there(connection, [_place(story_id, generation) for generation in range(last + 1)])
            known = [_values(place, told[digest]) for place, digest in held.items() if digest in told]
            _each(connection, (_ERASE, _STRIKE), known)
            _each(connection, (_DOOM,), [{"place": place} for place, digest in held.items() if digest not in told])
            if len(known) == len(held):
                connection.execute(_LEAVE, {"story_id": story_id})

    def forget(self, connection: Connection, shown: Iterable[SearchRow]) -> None:
        """Merge the index without what was erased; where that could not be, make it anew of the stories shown."""
        if connection.execute(_ANY_DOOMED).first() is None:
            connection.execute(_MERGE)
        else:
            self.drop(connection)
            self.create(connection)
            self.index(connection, shown)

    def came_last(self, connection: Connection, query: str, most: int, title: InTitle | None = None) -> CameLast | None:
        """Return all that a query finds where it is at most so many, else at least as many of those that came in last.

        The index gives its rows in this order, the later rows of stories in front, whenever these came in.
        """
        is_wanted = finds(_asked(connection, query), title)
        statement = select(INDEX.c.rowid).where(not_(_IS_DEAD), is_wanted).order_by(INDEX.c.rowid.desc())
        firsts: list[int] = []
        later: list[int] = []
        with connection.execute(statement.limit(_LOOKED_AT * most)) as rows:
            for places in rows.scalars().partitions(BATCH_ROWS):
                later += [place for place in places if place >= _FIRST_PLACES]
                firsts += [place for place in places if place < _FIRST_PLACES]
                if len(firsts) > most:
                    break
        moved = [place & (_FIRST_PLACES - 1) for place in later]
        if len(firsts) > most:
            first = firsts[-1]
            return CameLast(story_ids=[*firsts, *(one for one in moved if one >= first)], first=first)
        return CameLast(story_ids=[*firsts, *moved]) if len(firsts) + len(later) < _LOOKED_AT * most else None

    def border(self, connection: Connection, query: str, most: int) -> int | None:
        """Return the id from which on are the `most` that came in last of what a query finds; None: it finds no more.

        First rows alone are looked at, and dead ones are passed over only where they decide whether there are more.
        """
        is_wanted = finds(_asked(connection, query))
        moved = connection.scalar(select(func.count()).select_from(table(_MOVED))) or 0
        enough = most + 1 + min(moved, most // 50)
        # The index gives its rows in this order, and stops there. Whatever became of it, a story has its first row.
        firsts = select(INDEX.c.rowid, (_IS_DEAD if moved else false()).label("is_dead"))
        firsts = firsts.where(is_wanted, INDEX.c.rowid < _FIRST_PLACES)
        newest = firsts.order_by(INDEX.c.rowid.desc()).limit(enough).subquery().c
        sums = select(func.count(), func.total(newest.is_dead), func.min(newest.rowid))
        count, dead, last = connection.execute(sums).tuples().one()
        if count < enough and count - dead + moved <= most:  # as many later rows may be alive
            return None
        if count - dead <= most and _count_alive(connection, is_wanted, most + 1) <= most:
            return None
        return int(last) + 1 if count == enough else 0

    def best(self, connection: Connection, query: str, wanted: Best, among: Among) -> dict[int, float]:
        """Return the ranks of the best that a query with words finds, by story_id."""
        # A step of its own: else what is ranked no higher than so is ranked twice.
        parsed = parse_query(query, held_languages(connection))
        matches = ranked(_found(parsed, among), parsed, among, wanted).cte("ranked").prefix_with("MATERIALIZED")
        return dict(connection.execute(wanted.of(matches)).tuples().all())

    def best_of_few(self, connection: Connection, query: str, wanted: Best, most: int) -> None:
        """Return nothing: how many they are is told by the border, in a tenth of the time that a rank takes."""

    def matches(
        self, connection: Connection, query: str, among: Among = EVERY_STORY, *, with_rank: bool = False
    ) -> FromClause:
        """Return story_id of what a person's query finds, and its rank where that is wanted."""
        if not with_rank:
            return _found(_asked(connection, query), among).subquery("matches")
        parsed = parse_query(query, held_languages(connection))
        return ranked(_found(parsed, among), parsed, among).subquery("matches")


def _asked(connection: Connection, query: str) -> Query:
    """Read a query to which nothing is ranked."""
    return spelled_out(connection, parse_query(query, held_languages(connection)))


def _found(query: Query, among: Among) -> Select[Any]:
    found = select(_STORY_ID.label("story_id")).where(not_(_IS_DEAD), finds(query, among.title))
    if among.first is None:
        return found
    # The first of these has the index begin there; a later row of an older story is behind it too.
    return found.where(INDEX.c.rowid >= among.first, among.first <= _STORY_ID)


def _count_alive(connection: Connection, is_wanted: ColumnElement[bool], most: int) -> int:
    found = select(INDEX.c.rowid).where(not_(_IS_DEAD), is_wanted).limit(most).subquery()
    return connection.scalar(select(func.count()).select_from(found)) or 0


def _next_places(connection: Connection, story_ids: Sequence[int]) -> dict[int, int]:
    """Give stories their next rows: the first of most, and another in the place of one that is there."""
    moved, there = _moved(connection, story_ids), _there(connection, story_ids)
    later = [(story_id, moved.get(story_id, 0) + 1) for story_id in sorted(moved.keys() | there.keys())]
    _move(connection, later, is_live=True)
    return dict(zip(story_ids, story_ids, strict=True)) | {one: _place(one, to) for one, to in later}


def _place(story_id: int, generation: int) -> int:
    return story_id + (generation << _GENERATION_BITS)


def _moved(connection: Connection, story_ids: Collection[int]) -> dict[int, int]:
    """Return the last row's generation of those stories that have, or had, another than their first."""
    return dict(connection.execute(_MOVED_AMONG, _listed(story_ids)).tuples().all())


def _there(connection: Connection, places: Collection[int]) -> dict[int, int | None]:
    """Return the digests of those rows that there are; a story's first one has its number."""
    return dict(connection.execute(_THERE, _listed(places)).tuples().all())


def _move(connection: Connection, places: Sequence[tuple[int, int]], *, is_live: bool) -> None:
    if places:
        rows = [{"story_id": one, "generation": to, "is_live": int(is_live)} for one, to in places]
        connection.execute(_MOVE, rows)


def _each(connection: Connection, statements: Iterable[TextClause], rows: Sequence[dict[str, object]]) -> None:
    for statement in statements if rows else ():
        connection.execute(statement, rows)


def _listed(ids: Collection[int]) -> dict[str, str]:
    return {"ids": json_text.encode_text(list(ids))}


def _words(row: SearchRow) -> tuple[str, ...]:
    return row.words or prepared(SQLITE, row.title, row.text, row.language)


def _values(place: int, words: tuple[str, ...]) -> dict[str, object]:
    return {"place": place, "digest": _digest(words)} | dict(zip(_COLUMNS, words, strict=True))


def _digest(words: Iterable[str]) -> int:
    """Return what tells a row's words from all others: 64 bits, as SQLite keeps a number."""
    return int.from_bytes(blake2b("\n".join(words).encode(), digest_size=8).digest(), signed=True)

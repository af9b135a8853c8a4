"""A beginning* as FTS5 finds it soonest: by each of the words that begin so.

Asked for a beginning, FTS5 first merges all that it has of all these words, from the first story on. Of words that are
named it reads what was written last and stops there. It finds the same, but ranks it otherwise: each word of its own.
"""

from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection, text

from models.search.interface import TABLE_PREFIX
from models.search.query import Query, QueryTerm

_MOST: Final = 200  # words; of more it takes as long to name them
_LAST: Final = "\U0010ffff"  # behind all letters
_TABLE: Final = f"temp.{TABLE_PREFIX}_words"
# A view of the index, which each connection makes for itself: nothing of it is kept.
_CREATE: Final = f"CREATE VIRTUAL TABLE IF NOT EXISTS {_TABLE} USING fts5vocab(main, {TABLE_PREFIX}, instance)"
_FIRST: Final = f"SELECT term FROM {_TABLE} WHERE term >= :first AND term < :end LIMIT 1"  # noqa: S608
# From word to word, and not from place to place of each: no letter comes before a blank.
_NEXT: Final = f"SELECT term FROM {_TABLE} WHERE term >= words.term || ' ' AND term < :end LIMIT 1"  # noqa: S608
_WORDS: Final = text(
    f"WITH RECURSIVE words (term) AS (SELECT ({_FIRST}) "  # noqa: S608
    f"UNION ALL SELECT ({_NEXT}) FROM words WHERE words.term IS NOT NULL LIMIT :most) "
    "SELECT term FROM words WHERE term IS NOT NULL"
)


def spelled_out(connection: Connection, query: Query) -> Query:
    """Name in a query the words of the index that begin as it asks for, where they are not too many."""
    if not any(term.is_prefix for term in (*query.excluded, *(term for group in query.groups for term in group))):
        return query
    connection.exec_driver_sql(_CREATE)
    return Query(
        groups=tuple(tuple(_named(connection, term) for term in group) for group in query.groups),
        excluded=tuple(_named(connection, term) for term in query.excluded),
    )


def _named(connection: Connection, term: QueryTerm) -> QueryTerm:
    if not term.is_prefix:
        return term
    first = term.tokens[-1]
    words = connection.scalars(_WORDS, {"first": first, "end": first + _LAST, "most": _MOST + 1}).all()
    return term if len(words) > _MOST else replace(term, begun=tuple(words))

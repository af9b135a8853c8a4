"""A beginning* as FTS5 finds it soonest: by each of the words that begin so.

Asked for a beginning, FTS5 first merges all that it has of all these words, from the first story on. Of words that are
named it reads what was written last and stops there. It finds the same, but ranks it otherwise: each word of its own.
"""

from collections import Counter
from collections.abc import Mapping
from itertools import chain
from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection, text

from models.search.interface import TABLE_PREFIX
from models.search.query import Query, QueryTerm

_MOST: Final = 200  # words named in a query; of more it takes as long to name them
_MOST_READ: Final = 1000  # words looked at for that: a query may have fifty beginnings, each of too many
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
    asked = Counter(term for term in chain(query.excluded, *query.groups) if term.is_prefix)
    if not asked:
        return query
    connection.exec_driver_sql(_CREATE)
    named = _named(connection, asked)
    return Query(
        groups=tuple(tuple(named.get(term, term) for term in group) for group in query.groups),
        excluded=tuple(named.get(term, term) for term in query.excluded),
    )


def _named(connection: Connection, asked: Mapping[QueryTerm, int]) -> dict[QueryTerm, QueryTerm]:
    """Give the terms whose words can be named, as often as each is asked: not too many in the whole query."""
    named, left, read = {}, _MOST, 0
    for term, times in asked.items():
        first = term.tokens[-1]
        words = connection.scalars(_WORDS, {"first": first, "end": first + _LAST, "most": left + 1}).all()
        if times * len(words) <= left:
            named[term] = replace(term, begun=tuple(words))
            left -= times * len(words)
        read += len(words)
        if read > _MOST_READ:
            break
    return named

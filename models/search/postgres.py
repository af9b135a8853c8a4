"""The search index on PostgreSQL: a tsvector of our tokens. Its own parsers and dictionaries are not asked."""

from collections.abc import Collection, Iterable
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Index,
    MetaData,
    Select,
    Table,
    cast,
    delete,
    false,
    func,
    literal,
    literal_column,
    not_,
    select,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from models.search.interface import EVERY_STORY, TABLE_PREFIX, Among, SearchRow
from models.search.prepared import prepared
from models.search.query import Query, QueryTerm, parse_query
from models.storage.database import Conflict, batches, upsert

_INDEX: Final = Table(
    TABLE_PREFIX,
    MetaData(),
    Column("story_id", BigInteger, primary_key=True, autoincrement=False),
    Column("words", TSVECTOR, nullable=False),
    Index(f"ix_{TABLE_PREFIX}_words", "words", postgresql_using="gin"),
)

# Of D, C, B, A: a word of the title weighs as much as five of the body, another form of it half of that.
_WEIGHTS: Final[ColumnElement[list[float]]] = literal_column("'{0.1, 0.2, 0.5, 1.0}'::real[]")


class PostgresSearch:
    """SearchIndex on PostgreSQL."""

    few = 500  # of more, it reads the whole table of stories

    def create(self, connection: Connection) -> None:
        """Make the table, empty."""
        _INDEX.create(connection)

    def drop(self, connection: Connection) -> None:
        """Take the table away."""
        _INDEX.drop(connection, checkfirst=True)

    def index(self, connection: Connection, rows: Iterable[SearchRow]) -> None:
        """Take stories in, or their new words in place of their old ones."""
        values = ({"story_id": row.story_id, "words": _words(row)} for row in rows)
        upsert(connection, _INDEX, values, Conflict(index_elements=["story_id"], update=["words"]))

    def remove(self, connection: Connection, story_ids: Iterable[int]) -> None:
        """Forget stories; those that it does not hold are passed over."""
        for batch in batches(story_ids):
            connection.execute(delete(_INDEX).where(_INDEX.c.story_id.in_(batch)))

    def erase(self, connection: Connection, story_ids: Collection[int], wordings: Iterable[SearchRow]) -> None:
        """Take stories out with their words, which their rows alone hold, whatever the wordings were."""
        del wordings
        self.remove(connection, story_ids)

    def forget(self, connection: Connection, shown: Iterable[SearchRow]) -> None:
        """Do nothing: a row holds its words itself, and what is left of a deleted one is free space."""

    def matches(self, query: str, among: Among = EVERY_STORY, *, with_rank: bool = False) -> FromClause:
        """Return story_id of what a person's query finds, and its rank where that is wanted: it reads all its words."""
        parsed = parse_query(query)
        found = _among(select(_INDEX.c.story_id), among)
        if parsed.groups:
            wanted = cast(_expression(parsed), TSQUERY)
            rank = func.ts_rank(_WEIGHTS, _INDEX.c.words, wanted).label("rank")
            found = found.where(_INDEX.c.words.bool_op("@@")(wanted))
            return _apart(found.add_columns(rank) if with_rank else found)
        found = found.add_columns(literal(0.0).label("rank")) if with_rank else found
        if not parsed.excluded:
            return _apart(found.where(false()))
        unwanted = cast(_any_of(parsed.excluded), TSQUERY)
        return _apart(found.where(not_(_INDEX.c.words.bool_op("@@")(unwanted))))


def _among(found: Select[Any], among: Among) -> Select[Any]:
    if among.first is not None:
        found = found.where(_INDEX.c.story_id >= among.first)
    return found if among.newest is None else found.order_by(_INDEX.c.story_id.desc()).limit(among.newest)


def _apart(found: Select[Any]) -> FromClause:
    """Have a query's stories found before all else: never by walking through all stories, the newest first."""
    return found.cte("matches").prefix_with("MATERIALIZED")


def _words(row: SearchRow) -> str:
    (words,) = row.words or prepared("postgresql", row.title, row.text, row.language)
    return words


def _expression(query: Query) -> str:
    wanted = " & ".join(_any_of(group) for group in query.groups)
    return f"({wanted}) & !{_any_of(query.excluded)}" if query.excluded else wanted


def _any_of(terms: tuple[QueryTerm, ...]) -> str:
    return f"({' | '.join(_phrase(term) for term in terms)})"


def _phrase(term: QueryTerm) -> str:
    """Quote the tokens; none of them can hold a quote or a backslash."""
    rows = [" <-> ".join(f"'{token}'" for token in row) for row in term.rows]
    return f"({rows[0]}:*)" if term.is_prefix else f"({' | '.join(f'({row})' for row in rows)})"

"""The search index on PostgreSQL: a tsvector of our tokens. Its own parsers and dictionaries are not asked."""

from collections.abc import Collection, Iterable
from typing import Any, Final

from sqlalchemy import (
    CTE,
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
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from models.search.interface import EVERY_STORY, TABLE_PREFIX, Among, Best, CameLast, SearchRow
from models.search.languages import LANGUAGES, held_languages, note_languages
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
_TITLE: Final = func.ts_filter(_INDEX.c.words, literal_column("""'{a,b}'::"char"[]"""), type_=TSVECTOR)
_TITLES: Final = Index(f"ix_{TABLE_PREFIX}_titles", _TITLE, postgresql_using="gin")
_KEPT: Final = (
    # A rank reads all words of a story: up to this size, the largest, they stand in its row and are not packed.
    f"ALTER TABLE {TABLE_PREFIX} SET (toast_tuple_target = 8160)",
    # What the planner knows of frequent words has it read the whole table for them, as if that were no work.
    f"ALTER TABLE {TABLE_PREFIX} ALTER words SET STATISTICS 0",
    f"ALTER INDEX {_TITLES.name} ALTER 1 SET STATISTICS 0",
)
_FEW_ROWS: Final = 4_000  # that are sooner asked one by one for a word than the index about all rows
_SAMPLE: Final = 400  # of the newest rows, by which it is guessed how many have a query's words

# Of D, C, B, A: a word of the title weighs as much as five of the body, another form of it half of that.
_WEIGHTS: Final[ColumnElement[list[float]]] = literal_column("'{0.1, 0.2, 0.5, 1.0}'::real[]")


class PostgresSearch:
    """SearchIndex on PostgreSQL."""

    few = 500  # of more, it reads the whole table of stories

    def create(self, connection: Connection) -> None:
        """Make the tables, empty."""
        for table in (_INDEX, LANGUAGES):
            table.create(connection)
        for how in _KEPT:
            connection.exec_driver_sql(how)

    def drop(self, connection: Connection) -> None:
        """Take the tables away."""
        for table in (_INDEX, LANGUAGES):
            table.drop(connection, checkfirst=True)

    def index(self, connection: Connection, rows: Iterable[SearchRow]) -> None:
        """Take stories in, or their new words in place of their old ones."""
        for batch in batches(rows):
            note_languages(connection, (row.language for row in batch))
            values = [{"story_id": row.story_id, "words": _words(row)} for row in batch]
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

    def came_last(self, connection: Connection, query: str, most: int) -> CameLast | None:
        """Return all that a query finds where it is at most so many; of more this index does not tell the last."""
        found = self.matches(connection, query)
        ids = connection.scalars(select(found.c.story_id).limit(most + 1)).all()
        return CameLast(story_ids=ids) if len(ids) <= most else None

    def border(self, connection: Connection, query: str, most: int) -> int | None:
        """Return the id from which on are the `most` that came in last of what it finds; None: it finds no more."""
        parsed = parse_query(query, held_languages(connection))
        found = _fenced(_found(parsed, _is_wanted(parsed)))
        ids = select(found.c.story_id).order_by(found.c.story_id.desc()).limit(2).offset(most - 1)
        border = connection.scalars(ids).all()
        return border[0] if len(border) > 1 else None

    def best(self, connection: Connection, query: str, wanted: Best, among: Among) -> dict[int, float]:
        """Return the ranks of the best that a query with words finds, by story_id.

        A word alone is looked for in the titles first: who has it there ranks before all others.
        """
        parsed = parse_query(query, held_languages(connection))
        ranks: dict[int, float] = {}
        for words in (_TITLE, _INDEX.c.words) if _is_one_word(parsed) else (_INDEX.c.words,):
            found = _fenced(_found(parsed, _has(words, parsed), among, with_rank=True))
            ranks = dict(connection.execute(wanted.of(found)).tuples().all())
            if len(ranks) == wanted.count:
                break
        return ranks

    def best_of_few(self, connection: Connection, query: str, wanted: Best, most: int) -> dict[int, float] | None:
        """Return the best of all that it finds, which are at most so many; None: they are more, or look as if.

        To find them is half of the work: here that is done once, to count them and to rank them.
        """
        parsed = parse_query(query, held_languages(connection))
        if _looks_like_more(connection, _is_wanted(parsed), most):
            return None
        matches = _step(_found(parsed, _is_wanted(parsed), with_rank=True).limit(most + 1))
        count, best = select(func.count().label("found")).select_from(matches).subquery(), wanted.of(matches).subquery()
        told = select(count.c.found, *best.c).select_from(count.outerjoin(best, true()))
        rows = connection.execute(told).all()
        if rows[0].found > most:
            return None
        return {row.story_id: row.rank for row in rows if row.story_id is not None}

    def matches(
        self, connection: Connection, query: str, among: Among = EVERY_STORY, *, with_rank: bool = False
    ) -> FromClause:
        """Return story_id of what a person's query finds, and its rank where that is wanted: it reads all its words."""
        parsed = parse_query(query, held_languages(connection))
        is_wanted = _is_wanted(parsed)
        if among.first is not None and _are_few(connection, among.first):
            is_wanted = is_wanted.is_(True)  # by no index of words, which would be asked about all stories
        return _step(_found(parsed, is_wanted, among, with_rank=with_rank))


def _found(
    query: Query, is_wanted: ColumnElement[bool], among: Among = EVERY_STORY, *, with_rank: bool = False
) -> Select[Any]:
    found = select(_INDEX.c.story_id).where(is_wanted)
    if among.first is not None:
        found = found.where(_INDEX.c.story_id >= among.first)
    if not with_rank:
        return found
    rank = func.ts_rank(_WEIGHTS, _INDEX.c.words, cast(_expression(query), TSQUERY)) if query.groups else literal(0.0)
    return found.add_columns(rank.label("rank"))


def _step(found: Select[Any]) -> CTE:
    """Have a query's stories found before all else: never by walking through all stories, the newest first."""
    return found.cte("matches").prefix_with("MATERIALIZED")


def _fenced(found: Select[Any]) -> FromClause:
    """Do the same for what is read once: it is not put down before, which takes a sixth of the time."""
    return found.offset(literal_column("0")).subquery("matches")


def _is_one_word(query: Query) -> bool:
    """Tell whether whoever has the words in its title ranks before whoever does not.

    ts_rank adds up, for each form of a word, what its places weigh: for the first one 1 / 1.645 of its weight, for all
    of them never more than the weight. A story has the stems of one language. So a word and its stem weigh less than
    .2 + .1 in a text, and at least .5 / 1.645 = .304 in a title, whose places come first.
    """
    terms = [term for group in query.groups for term in group]
    if len(terms) != 1 or query.excluded or terms[0].is_prefix or any(len(row) > 1 for row in terms[0].rows):
        return False
    languages = [stem.rpartition(".")[2] for (stem,) in terms[0].rows[1:]]
    return len(set(languages)) == len(languages)  # of a word typed without its accents one may have two stems


def _looks_like_more(connection: Connection, is_wanted: ColumnElement[bool], most: int) -> bool:
    """Guess from the newest rows whether more than so many have a query's words. A wrong guess costs time alone."""
    newest = select(_INDEX.c.story_id, is_wanted.label("is_hit")).order_by(_INDEX.c.story_id.desc()).limit(_SAMPLE)
    of = newest.subquery().c
    hits = func.count().filter(of.is_hit)
    sums = select(
        hits, func.min(of.story_id), func.max(of.story_id), select(func.min(_INDEX.c.story_id)).scalar_subquery()
    )
    count, first, last, lowest = connection.execute(sums).tuples().one()
    return bool(count) and count * (last + 1 - lowest) > most * (last + 1 - first)


def _are_few(connection: Connection, first: int) -> bool:
    some = select(_INDEX.c.story_id).where(_INDEX.c.story_id >= first).limit(_FEW_ROWS + 1).subquery()
    return (connection.scalar(select(func.count()).select_from(some)) or 0) <= _FEW_ROWS


def _is_wanted(query: Query) -> ColumnElement[bool]:
    if query.groups:
        return _has(_INDEX.c.words, query)
    if not query.excluded:
        return false()
    return not_(_INDEX.c.words.bool_op("@@")(cast(_any_of(query.excluded), TSQUERY)))


def _has(words: ColumnElement[Any], query: Query) -> ColumnElement[bool]:
    return words.bool_op("@@")(cast(_expression(query), TSQUERY))


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

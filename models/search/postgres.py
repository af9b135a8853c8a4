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
    and_,
    case,
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

from models.search.interface import EVERY_STORY, TABLE_PREFIX, Among, Best, CameLast, InTitle, SearchRow
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
# Where what a title says so stands: its words, and the stems beside them.
_TITLES_SAY: Final = {InTitle.WORDS: "A", InTitle.FORMS: "AB"}
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

    def came_last(self, connection: Connection, query: str, most: int, title: InTitle | None = None) -> CameLast | None:
        """Return all that a query finds where it is at most so many; of more this index does not tell the last."""
        found = self.matches(connection, query, Among(title=title))
        ids = connection.scalars(select(found.c.story_id).limit(most + 1)).all()
        return CameLast(story_ids=ids) if len(ids) <= most else None

    def border(self, connection: Connection, query: str, most: int) -> int | None:
        """Return the id from which on are the `most` that came in last of what it finds; None: it finds no more."""
        parsed = parse_query(query, held_languages(connection))
        found = _fenced(_found(_is_wanted(parsed)))
        ids = select(found.c.story_id).order_by(found.c.story_id.desc()).limit(2).offset(most - 1)
        border = connection.scalars(ids).all()
        return border[0] if len(border) > 1 else None

    def best(self, connection: Connection, query: str, wanted: Best, among: Among) -> dict[int, float]:
        """Return the ranks of the best that a query with words finds, by story_id."""
        parsed = parse_query(query, held_languages(connection))
        found = _fenced(_with_rank(_found(_is_wanted(parsed), among), parsed, wanted))
        return dict(connection.execute(wanted.of(found)).tuples().all())

    def best_of_few(self, connection: Connection, query: str, wanted: Best, most: int) -> dict[int, float] | None:
        """Return the best of all that it finds, which are at most so many; None: they are more, or look as if.

        To find them is half of the work: here that is done once, to count them and to rank them.
        """
        parsed = parse_query(query, held_languages(connection))
        if _looks_like_more(connection, _is_wanted(parsed), most):
            return None
        matches = _step(_with_rank(_found(_is_wanted(parsed)), parsed, wanted).limit(most + 1))
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
        is_wanted = _is_wanted(parsed, among.title)
        if among.first is not None and _are_few(connection, among.first):
            is_wanted = is_wanted.is_(True)  # by no index of words, which would be asked about all stories
        found = _found(is_wanted, among)
        return _step(_with_rank(found, parsed) if with_rank else found)


def _found(is_wanted: ColumnElement[bool], among: Among = EVERY_STORY) -> Select[Any]:
    found = select(_INDEX.c.story_id).where(is_wanted)
    return found if among.first is None else found.where(_INDEX.c.story_id >= among.first)


def _with_rank(found: Select[Any], query: Query, wanted: Best | None = None) -> Select[Any]:
    """Rank what a query finds: by its title where that says it all, and that counts, else by all of its words."""
    rank: ColumnElement[float] = literal(0.0)
    if query.groups:
        rank = func.ts_rank(_WEIGHTS, _INDEX.c.words, cast(_expression(query), TSQUERY))
    titles = [title for title in InTitle if title.may_say(query) and not (wanted and wanted.by_words)]
    told = [(_has(_INDEX.c.words, _all_of(query, _TITLES_SAY[title])), literal(title.rank)) for title in titles]
    return found.add_columns((case(*told, else_=rank) if told else rank).label("rank"))


def _step(found: Select[Any]) -> CTE:
    """Have a query's stories found before all else: never by walking through all stories, the newest first."""
    return found.cte("matches").prefix_with("MATERIALIZED")


def _fenced(found: Select[Any]) -> FromClause:
    """Do the same for what is read once: it is not put down before, which takes a sixth of the time."""
    return found.offset(literal_column("0")).subquery("matches")


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


def _is_wanted(query: Query, title: InTitle | None = None) -> ColumnElement[bool]:
    if title is not None:
        return _is_told(query, title)
    if query.groups:
        return _has(_INDEX.c.words, _expression(query))
    return _has_none(query) if query.excluded else false()


def _is_told(query: Query, title: InTitle) -> ColumnElement[bool]:
    """Have the titles asked, by their own index; for what may not be there, all words."""
    if not title.may_say(query):
        return false()
    told = [_has(_TITLE, _all_of(query, _TITLES_SAY[title]))]
    if title is InTitle.FORMS:
        told.append(not_(_has(_TITLE, _all_of(query, _TITLES_SAY[InTitle.WORDS]))))
    return and_(*told, _has_none(query)) if query.excluded else and_(*told)


def _has(words: ColumnElement[Any], expression: str) -> ColumnElement[bool]:
    return words.bool_op("@@")(cast(expression, TSQUERY))


def _has_none(query: Query) -> ColumnElement[bool]:
    return not_(_has(_INDEX.c.words, _any_of(query.excluded)))


def _words(row: SearchRow) -> str:
    (words,) = row.words or prepared("postgresql", row.title, row.text, row.language)
    return words


def _expression(query: Query) -> str:
    wanted = _all_of(query)
    return f"({wanted}) & !{_any_of(query.excluded)}" if query.excluded else wanted


def _all_of(query: Query, weights: str = "") -> str:
    return " & ".join(_any_of(group, weights) for group in query.groups)


def _any_of(terms: tuple[QueryTerm, ...], weights: str = "") -> str:
    return f"({' | '.join(_phrase(term, weights) for term in terms)})"


def _phrase(term: QueryTerm, weights: str) -> str:
    """Quote the tokens, which are to stand where a word has these weights, anywhere where none is named.

    None of them can hold a quote or a backslash.
    """
    if term.is_prefix:  # of its last token
        *whole, start = term.tokens
        return f"({' <-> '.join([*(_lexeme(token, weights) for token in whole), _lexeme(start, '*' + weights)])})"
    rows = [" <-> ".join(_lexeme(token, weights) for token in row) for row in term.rows]
    return f"({' | '.join(f'({row})' for row in rows)})"


def _lexeme(token: str, how: str) -> str:
    return f"'{token}':{how}" if how else f"'{token}'"

"""Search: which stories answer a query, or all of them, the best or the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Double, Row, Select, Subquery, and_, cast, func, literal, or_, select

from models.queries.filters import StoryFilter, conditions
from models.queries.searching.snippets import Snippet, found_in, snippet
from models.queries.stories import feeds_of, topics_of
from models.search.factory import search_index
from models.search.query import QueryTerm, parse_query
from models.stages import TopicScore
from models.tables import ClassificationRow, Story, StoryVersion

_TEXT: Final = func.coalesce(StoryVersion.text, "")


class Order(StrEnum):
    """Which story comes first."""

    NEWEST = "newest"
    RELEVANCE = "relevance"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPlace:
    """A story's place in a list of results: the next page begins behind it, whatever was added in front meanwhile."""

    sort_at: datetime
    id: int
    rank: float | None = None  # of a list by relevance; None: the query has nothing to rank by


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """What a reader looks for."""

    query: str | None = None  # None: list all
    filter: StoryFilter = field(default_factory=StoryFilter)
    order: Order = Order.RELEVANCE  # without a query there is nothing to rank by: the newest come first
    limit: int = 20
    after: ResultPlace | None = None  # None: from the first one


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundStory:
    """A story in a list of results."""

    id: int
    uid: str
    title: str
    url: str | None
    published_at: datetime | None
    sort_at: datetime
    language: str | None
    is_relevant: bool
    needs_review: bool
    relevance: float | None
    cluster_id: int
    feeds: tuple[str, ...]
    topics: tuple[TopicScore, ...]
    snippet: Snippet
    title_marks: tuple[tuple[int, int], ...] = ()  # code points of the title that the query asks for
    revisions: int = 0
    rank: float | None = None  # None: not ranked

    @property
    def place(self) -> ResultPlace:
        """Return where a list goes on behind this story."""
        return ResultPlace(sort_at=self.sort_at, id=self.id, rank=self.rank)


def search(connection: Connection, wanted: SearchRequest) -> list[FoundStory]:
    """Return the stories that are wanted, in order.

    Stories that are not about climate have no place in the index. Where they are wanted too, their words are compared
    as they are written, accents and all, wherever they stand in the text.
    """
    rows = _rows(connection, wanted)
    feeds = feeds_of(connection, [row.id for row in rows])
    topics = topics_of(connection, [row.classification_id for row in rows if row.classification_id])
    return [_found(row, feeds[row.id], topics[row.classification_id], wanted.query or "") for row in rows]


def search_ids(connection: Connection, wanted: SearchRequest) -> list[int]:
    """Return the ids of the stories that are wanted, in order."""
    query = _statement(connection, wanted).limit(wanted.limit).with_only_columns(Story.id, maintain_column_froms=True)
    return list(connection.scalars(query))


def count_found(connection: Connection, wanted: SearchRequest) -> int:
    """Count the stories that are wanted, whatever the limit."""
    counted = func.count(Story.cluster_id.distinct()) if wanted.filter.unique else func.count()
    plain = replace(wanted, filter=replace(wanted.filter, unique=False))
    return connection.scalar(narrowed(connection, select(counted).select_from(Story), plain)) or 0


def narrowed(connection: Connection, query: Select[Any], wanted: SearchRequest) -> Select[Any]:
    """Return a query over stories, narrowed to those that are wanted, whatever the limit."""
    query = query.where(*conditions(wanted.filter))
    if wanted.query is None:
        return query
    if wanted.filter.include_off_topic or wanted.filter.near_misses:
        query = query.join(StoryVersion, StoryVersion.id == Story.version_id, isouter=True)
    return _matching(query, search_index(connection).matches(wanted.query), wanted)


def _rows(connection: Connection, wanted: SearchRequest) -> Sequence[Row[Any]]:
    """Return the rows that are shown; of copies of one text, where they are to be unique, the one that ranks first."""
    plain = replace(wanted, filter=replace(wanted.filter, unique=False))
    statement, most = _statement(connection, plain), wanted.limit
    while True:
        rows = connection.execute(statement.limit(most)).all()
        if not wanted.filter.unique:
            return rows
        shown = list({row.cluster_id: row for row in reversed(rows)}.values())[::-1]
        if len(shown) >= wanted.limit or len(rows) < most:
            first = {row.id for row in shown}
            return [row for row in rows if row.id in first][: wanted.limit]
        most *= 4


def _statement(connection: Connection, wanted: SearchRequest) -> Select[Any]:
    query = (
        select(
            Story.id,
            Story.uid,
            Story.title,
            Story.url,
            Story.published_at,
            Story.sort_at,
            Story.language,
            Story.relevant_at,
            Story.cluster_id,
            Story.classification_id,
            Story.revisions,
            _TEXT.label("text"),
            ClassificationRow.relevance,
            ClassificationRow.needs_review,
        )
        .join(StoryVersion, StoryVersion.id == Story.version_id, isouter=True)
        .join(ClassificationRow, ClassificationRow.id == Story.classification_id, isouter=True)
        .where(*conditions(wanted.filter))
    )
    newest = (Story.sort_at.desc(), Story.id.desc())
    if wanted.query is None:
        return _behind(query.add_columns(literal(None).label("rank")), wanted.after, None).order_by(*newest)
    matches = search_index(connection).matches(wanted.query)
    query = _matching(query, matches, wanted)
    if wanted.order is not Order.RELEVANCE:
        return _behind(query.add_columns(literal(None).label("rank")), wanted.after, None).order_by(*newest)
    rank = cast(matches.c.rank, Double)  # a narrower number would not equal what was read of it
    query = _behind(query.add_columns(rank.label("rank")), wanted.after, rank)
    return query.order_by(rank.desc().nulls_last(), *newest)


def _behind(query: Select[Any], place: ResultPlace | None, rank: ColumnElement[float] | None) -> Select[Any]:
    """Leave out what stands in front of a place, and the story there."""
    if place is None:
        return query
    later = or_(Story.sort_at < place.sort_at, and_(Story.sort_at == place.sort_at, Story.id < place.id))
    if rank is None:
        return query.where(later)
    if place.rank is None:
        return query.where(rank.is_(None), later)
    return query.where(or_(rank < place.rank, rank.is_(None), and_(rank == place.rank, later)))


def _matching(query: Select[Any], matches: Subquery, wanted: SearchRequest) -> Select[Any]:
    if not (wanted.filter.include_off_topic or wanted.filter.near_misses):
        return query.join(matches, matches.c.story_id == Story.id)
    is_hidden_match = and_(Story.relevant_at.is_(None), *_written(wanted.query or ""))
    query = query.join(matches, matches.c.story_id == Story.id, isouter=True)
    return query.where(or_(matches.c.story_id.is_not(None), is_hidden_match))


def _written(query: str) -> list[ColumnElement[bool]]:
    parsed = parse_query(query)
    wanted = [or_(*(_holds(term) for term in group)) for group in parsed.groups]
    return wanted + [~_holds(term) for term in parsed.excluded]


def _holds(term: QueryTerm) -> ColumnElement[bool]:
    words = Story.title + " " + _TEXT
    found = [and_(*(words.icontains(token, autoescape=True) for token in term.tokens))]
    return or_(words.icontains(term.written.strip('"*'), autoescape=True), *found)


def _found(row: Row[Any], feeds: tuple[str, ...], topics: tuple[TopicScore, ...], query: str) -> FoundStory:
    return FoundStory(
        id=row.id,
        uid=row.uid,
        title=row.title,
        url=row.url,
        published_at=row.published_at,
        sort_at=row.sort_at,
        language=row.language,
        is_relevant=row.relevant_at is not None,
        needs_review=bool(row.needs_review),
        relevance=row.relevance,
        cluster_id=row.cluster_id,
        feeds=feeds,
        topics=topics,
        snippet=snippet(row.text, query, row.language),
        title_marks=tuple(found_in(row.title, query, row.language)),
        revisions=row.revisions,
        rank=row.rank,
    )

"""Search: which stories answer a query, or all of them, the best or the newest first."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, Subquery, and_, func, or_, select

from models.queries.filters import StoryFilter, conditions
from models.queries.snippets import Snippet, found_in, snippet
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
class SearchRequest:
    """What a reader looks for."""

    query: str | None = None  # None: list all
    filter: StoryFilter = field(default_factory=StoryFilter)
    order: Order = Order.RELEVANCE  # without a query there is nothing to rank by: the newest come first
    limit: int = 20


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


def search(connection: Connection, wanted: SearchRequest) -> list[FoundStory]:
    """Return the stories that are wanted, in order.

    Stories that are not about climate have no place in the index. Where they are wanted too, their words are compared
    as they are written, accents and all, wherever they stand in the text.
    """
    rows = connection.execute(_statement(connection, wanted).limit(wanted.limit)).all()
    feeds = feeds_of(connection, [row.id for row in rows])
    topics = topics_of(connection, [row.classification_id for row in rows if row.classification_id])
    return [_found(row, feeds[row.id], topics[row.classification_id], wanted.query or "") for row in rows]


def count_found(connection: Connection, wanted: SearchRequest) -> int:
    """Count the stories that are wanted, whatever the limit."""
    query = select(func.count()).select_from(Story).where(*conditions(wanted.filter))
    query = query.join(StoryVersion, StoryVersion.id == Story.version_id, isouter=True)
    if wanted.query is not None:
        query = _matching(query, search_index(connection).matches(wanted.query), wanted)
    return connection.scalar(query) or 0


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
        return query.order_by(*newest)
    matches = search_index(connection).matches(wanted.query)
    query = _matching(query, matches, wanted)
    by_rank = wanted.order is Order.RELEVANCE
    return query.order_by(*((matches.c.rank.desc().nulls_last(), *newest) if by_rank else newest))


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
    )

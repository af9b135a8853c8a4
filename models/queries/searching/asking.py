"""What a search asks for, as values and as conditions on stories."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct, field
from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, func, or_

from models.queries.filters import StoryFilter, conditions
from models.search.factory import search_index
from models.search.query import QueryTerm, parse_query
from models.tables.stories import Story, StoryVersion

_TEXT: Final = func.coalesce(StoryVersion.text, "")


class Order(StrEnum):
    """Which story comes first."""

    NEWEST = "newest"
    RELEVANCE = "relevance"


class ResultPlace(Struct, frozen=True, kw_only=True):
    """A story's place in a list of results: the next page begins behind it, whatever was added in front meanwhile."""

    sort_at: datetime
    id: int
    rank: float | None = None  # of a list by relevance; None: the query has nothing to rank by


class SearchRequest(Struct, frozen=True, kw_only=True):
    """What a reader looks for."""

    query: str | None = None  # None: list all
    filter: StoryFilter = field(default_factory=StoryFilter)
    order: Order = Order.RELEVANCE  # without a query there is nothing to rank by: the newest come first
    limit: int = 20
    # None: from the first one. With filter.unique, a text whose first copy stands in front comes again by another copy:
    # no list that goes on page by page is narrowed so.
    after: ResultPlace | None = None


def narrowed(connection: Connection, query: Select[Any], wanted: SearchRequest) -> Select[Any]:
    """Return a query over stories, narrowed to those that are wanted, whatever the limit."""
    query = query.where(*conditions(wanted.filter))
    if wanted.query is None:
        return query
    return matching(query, search_index(connection).matches(connection, wanted.query), wanted)


def matching(query: Select[Any], matches: FromClause, wanted: SearchRequest) -> Select[Any]:
    """Narrow a query over stories to what the index found; where others are wanted too, with those whose text fits."""
    if not is_widened(wanted):
        return query.join(matches, matches.c.story_id == Story.id)
    is_hidden_match = and_(Story.relevant_at.is_(None), *_written(wanted.query or ""))
    query = query.join(StoryVersion, StoryVersion.id == Story.version_id, isouter=True)
    query = query.join(matches, matches.c.story_id == Story.id, isouter=True)
    return query.where(or_(matches.c.story_id.is_not(None), is_hidden_match))


def is_widened(wanted: SearchRequest) -> bool:
    """Tell whether stories are wanted that have no place in the index."""
    return wanted.filter.include_off_topic or wanted.filter.near_misses


def _written(query: str) -> list[ColumnElement[bool]]:
    parsed = parse_query(query)
    wanted = [or_(*(_holds(term) for term in group)) for group in parsed.groups]
    return wanted + [~_holds(term) for term in parsed.excluded]


def _holds(term: QueryTerm) -> ColumnElement[bool]:
    words = Story.title + " " + _TEXT
    found = [and_(*(words.icontains(token, autoescape=True) for token in term.tokens))]
    return or_(words.icontains(term.written.strip('"*'), autoescape=True), *found)

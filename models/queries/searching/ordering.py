"""A list of stories in order, as one statement gives it: of all that is wanted, or of a part of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, Double, Row, Select, and_, cast, literal, or_, select

from models._sql.lists import is_one_of
from models.queries.filters import StoryFilter, conditions
from models.queries.searching.asking import Order, ResultPlace, SearchRequest, matching
from models.search.factory import search_index
from models.search.interface import EVERY_STORY, Among
from models.tables.keys import table_of
from models.tables.stories import Story

NEWEST: Final = (Story.sort_at.desc(), Story.id.desc())


class RankedPlace(Struct, frozen=True, kw_only=True):
    """Where a story stands in a list of results."""

    id: int
    cluster_id: int
    sort_at: datetime
    rank: float | None


class Window(Struct, frozen=True, kw_only=True):
    """The newest stories, from a moment on; none of them has a lower id. Or those that are known to have the words."""

    among: Among = EVERY_STORY
    since: datetime | None = None
    found: Sequence[int] | None = None


def is_narrowed(wanted: SearchRequest) -> bool:
    """Tell whether stories that the query finds may not be wanted."""
    return replace(wanted.filter, unique=False) != StoryFilter()


def in_order(connection: Connection, wanted: SearchRequest, window: Window) -> list[RankedPlace]:
    """Return the first that are wanted of a window's stories; of copies of one text, where one is wanted, the first."""
    plain = replace(wanted, filter=replace(wanted.filter, unique=False))
    statement, most = statement_of(connection, plain, window), wanted.limit
    while True:
        rows = connection.execute(statement.limit(most)).all()
        found = _places_of(rows, wanted)
        if len(found) >= wanted.limit or len(rows) < most:
            return found
        most *= 4


def statement_of(connection: Connection, wanted: SearchRequest, window: Window) -> Select[Any]:
    """Return a query for the places of those that are wanted of a window's stories, in order, whatever the limit."""
    columns = (Story.id, Story.cluster_id, Story.sort_at)
    query = select(*columns, literal(None).label("rank")).where(*conditions(wanted.filter))
    if window.since is not None:
        query = query.where(Story.sort_at >= window.since)
    if window.found is not None:
        query = _behind(query.where(is_one_of(table_of(Story).c.id, "found", window.found)), wanted.after)
        # Looked up before they are sorted: else PostgreSQL may walk through all stories by date, looking for these.
        looked_up = query.cte("looked_up").prefix_with("MATERIALIZED", dialect="postgresql")
        return select(looked_up).order_by(looked_up.c.sort_at.desc(), looked_up.c.id.desc())
    if wanted.query is None:
        return _behind(query, wanted.after).order_by(*NEWEST)
    is_ranked = wanted.order is Order.RELEVANCE
    matches = search_index(connection).matches(connection, wanted.query, window.among, with_rank=is_ranked)
    query = matching(query, matches, wanted)
    if not is_ranked:
        return _behind(query, wanted.after).order_by(*NEWEST)
    rank = cast(matches.c.rank, Double)  # a narrower number would not equal what was read of it
    query = query.with_only_columns(*columns, rank.label("rank"), maintain_column_froms=True)
    return _behind(query, wanted.after, rank).order_by(rank.desc().nulls_last(), *NEWEST)


def _behind(query: Select[Any], place: ResultPlace | None, rank: ColumnElement[float] | None = None) -> Select[Any]:
    """Leave out what stands in front of a place, and the story there."""
    if place is None:
        return query
    later = or_(Story.sort_at < place.sort_at, and_(Story.sort_at == place.sort_at, Story.id < place.id))
    if rank is None:
        return query.where(later)
    if place.rank is None:
        return query.where(rank.is_(None), later)
    return query.where(or_(rank < place.rank, rank.is_(None), and_(rank == place.rank, later)))


def _places_of(rows: Sequence[Row[Any]], wanted: SearchRequest) -> list[RankedPlace]:
    found = [place_of(row, row.rank) for row in rows]
    return (unique_of(found) if wanted.filter.unique else found)[: wanted.limit]


def place_of(row: Row[Any], rank: float | None) -> RankedPlace:
    """Return the place that a row tells."""
    return RankedPlace(id=row.id, cluster_id=row.cluster_id, sort_at=row.sort_at, rank=rank)


def unique_of(found: Sequence[RankedPlace]) -> list[RankedPlace]:
    """Return of the copies of one text the first."""
    first: dict[int, RankedPlace] = {}
    for one in found:
        first.setdefault(one.cluster_id, one)
    return list(first.values())

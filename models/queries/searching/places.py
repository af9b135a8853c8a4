"""Which stories come first in a list of results: told without reading all that a query finds.

A word may stand in most stories of a large archive. The newest that have it are then looked for among those of them
that came in last, then among the newest of all stories, further back each time. A rank is given to the MOST_RANKED that
came in last.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, Double, Row, Select, and_, cast, func, literal, or_, select

from models._sql.lists import is_one_of
from models.queries.filters import StoryFilter, conditions
from models.queries.searching.asking import Order, ResultPlace, SearchRequest, is_widened, matching
from models.search.factory import search_index
from models.search.interface import EVERY_STORY, Among, Best
from models.search.query import parse_query
from models.tables.keys import table_of
from models.tables.stories import Story

MOST_RANKED: Final = 50_000
_ENOUGH: Final = 500  # of the stories that came in last, to have the newest ones among them
_WINDOWS: Final = (2_000, 20_000)  # of the newest stories, that more hits are looked for in
_TOP: Final = 1_000  # by rank, of which it is asked whether they are wanted
_NEWEST: Final = (Story.sort_at.desc(), Story.id.desc())


class RankedPlace(Struct, frozen=True, kw_only=True):
    """Where a story stands in a list of results."""

    id: int
    cluster_id: int
    sort_at: datetime
    rank: float | None


class Places(Struct, frozen=True, kw_only=True):
    """Which stories are wanted, in order."""

    found: list[RankedPlace]
    ranked_among: int | None = None  # they are the best of so many that came in last; None: of all


class _Window(Struct, frozen=True, kw_only=True):
    """The newest stories, from a moment on; none of them has a lower id. Or those that are known to have the words."""

    among: Among = EVERY_STORY
    since: datetime | None = None
    found: Sequence[int] | None = None


def places(connection: Connection, wanted: SearchRequest, *, earliest: bool = False) -> Places:
    """Return which stories are wanted, in order.

    Where of copies of one text one is wanted, it is the one that comes first, or the earliest one.
    """
    if earliest and wanted.filter.unique:
        rows = connection.execute(_statement(connection, wanted, _Window()).limit(wanted.limit)).all()
        return Places(found=[_place_of(row, row.rank) for row in rows])
    if wanted.query is not None and not is_widened(wanted):
        if wanted.order is Order.RELEVANCE and parse_query(wanted.query).groups:
            return _ranked(connection, wanted, wanted.query)
        return Places(found=_newest(connection, replace(wanted, order=Order.NEWEST), wanted.query))
    return Places(found=_sorted(connection, wanted, _Window()))


def ranked_among(connection: Connection, wanted: SearchRequest) -> int | None:
    """Return among how many of the stories that came in last a search finds the best; None: among all."""
    is_ranked = wanted.query is not None and not is_widened(wanted) and wanted.order is Order.RELEVANCE
    if wanted.query is None or not (is_ranked and parse_query(wanted.query).groups):
        return None
    border = search_index(connection).border(connection, wanted.query, MOST_RANKED)
    return _how_many(_last_ones(connection, wanted, wanted.query, border))


def _how_many(among: Among) -> int | None:
    return None if among == EVERY_STORY else MOST_RANKED


def _last_ones(connection: Connection, wanted: SearchRequest, query: str, border: int | None) -> Among:
    """Return among which stories the best are looked for: of all that are wanted, the MOST_RANKED that came in last.

    The border is that of all that the index finds.
    """
    if border is None:
        return EVERY_STORY
    if not _is_narrowed(wanted):
        return Among(first=border)
    found = select(Story.id).where(*conditions(replace(wanted.filter, unique=False)))
    found = matching(found, search_index(connection).matches(connection, query), wanted)
    ids = connection.scalars(found.order_by(Story.id.desc()).limit(2).offset(MOST_RANKED - 1)).all()
    return Among(first=ids[0]) if len(ids) > 1 else EVERY_STORY


def _is_narrowed(wanted: SearchRequest) -> bool:
    return replace(wanted.filter, unique=False) != StoryFilter()


def _newest(connection: Connection, wanted: SearchRequest, query: str) -> list[RankedPlace]:
    index, ends = search_index(connection), _ends(wanted)
    is_plain = not ends and not _is_narrowed(wanted) and wanted.limit <= _ENOUGH
    for most in sorted({min(_ENOUGH, index.few), index.few}) if is_plain else (index.few,):
        last = index.came_last(connection, query, most)
        if last is None or (last.first is not None and ends):  # a page further back is mostly not among the last
            continue
        found = _sorted(connection, wanted, _Window(found=last.story_ids))
        if last.first is None or (len(found) >= wanted.limit and _are_newest(connection, found[-1], last.first)):
            return found
    found = []
    for window in _windows(connection, wanted):
        found = _sorted(connection, wanted, window)
        if len(found) >= wanted.limit:
            break
    return found


def _are_newest(connection: Connection, last: RankedPlace, first: int) -> bool:
    """Tell whether a page that was chosen among what came in from some story on is that of the newest of all.

    Of a page that reaches far back it is not told: there are many stories to look through.
    """
    far_back = connection.scalar(select(Story.sort_at).order_by(*_NEWEST).limit(1).offset(_WINDOWS[-1]))
    return (far_back is None or last.sort_at > far_back) and _is_none_newer(connection, last, first)


def _is_none_newer(connection: Connection, last: RankedPlace, first: int) -> bool:
    """Tell whether no story that came in before a certain one is dated after the last one of a page."""
    newer = select(Story.id).where(Story.sort_at >= last.sort_at, Story.id < first, Story.relevant_at.is_not(None))
    # In their order: else SQLite goes through all that came in before.
    return connection.execute(newer.order_by(*_NEWEST).limit(1)).first() is None


def _ends(wanted: SearchRequest) -> list[datetime]:
    """Return the moments behind which no story is wanted: where a page begins, and the filter's."""
    behind = wanted.after.sort_at if wanted.after else None
    return [one for one in (behind, wanted.filter.until) if one is not None]


def _windows(connection: Connection, wanted: SearchRequest) -> Iterator[_Window]:
    """Give where to look, each of them holding the one before; the last one is everything.

    All but that one matter for speed alone, and so does where they end: behind the last page, or a day, the newest of
    all would be looked through in vain.
    """
    for size in _WINDOWS:
        newest = select(Story.id, Story.sort_at).where(*(Story.sort_at <= end for end in _ends(wanted)))
        newest = newest.where(Story.relevant_at.is_not(None)).order_by(*_NEWEST).limit(size)
        stories = newest.subquery()
        first, since = connection.execute(select(func.min(stories.c.id), func.min(stories.c.sort_at))).tuples().one()
        if first is not None:
            yield _Window(among=Among(first=first), since=since)
    yield _Window()


def _sorted(connection: Connection, wanted: SearchRequest, window: _Window) -> list[RankedPlace]:
    plain = replace(wanted, filter=replace(wanted.filter, unique=False))
    statement, most = _statement(connection, plain, window), wanted.limit
    while True:
        rows = connection.execute(statement.limit(most)).all()
        found = _places_of(rows, wanted)
        if len(found) >= wanted.limit or len(rows) < most:
            return found
        most *= 4


def _statement(connection: Connection, wanted: SearchRequest, window: _Window) -> Select[Any]:
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
        return _behind(query, wanted.after).order_by(*_NEWEST)
    is_ranked = wanted.order is Order.RELEVANCE
    matches = search_index(connection).matches(connection, wanted.query, window.among, with_rank=is_ranked)
    query = matching(query, matches, wanted)
    if not is_ranked:
        return _behind(query, wanted.after).order_by(*_NEWEST)
    rank = cast(matches.c.rank, Double)  # a narrower number would not equal what was read of it
    query = query.with_only_columns(*columns, rank.label("rank"), maintain_column_froms=True)
    return _behind(query, wanted.after, rank).order_by(rank.desc().nulls_last(), *_NEWEST)


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


def _ranked(connection: Connection, wanted: SearchRequest, query: str) -> Places:
    """Rank what the index finds by itself, and ask of the best alone whether they are wanted, where that is enough."""
    index, after, among = search_index(connection), wanted.after, EVERY_STORY
    has_no_rank = after is not None and after.rank is None  # behind it is nothing that has one
    best = Best(count=max(_TOP, 2 * wanted.limit), at_most=after.rank if after else None)
    ranks = None if has_no_rank else index.best_of_few(connection, query, best, MOST_RANKED)
    if ranks is None:
        border = index.border(connection, query, MOST_RANKED)
        among = _last_ones(connection, wanted, query, border)
        if not has_no_rank and (border is None or not _is_narrowed(wanted)):
            ranks = index.best(connection, query, best, among)
    found = None if ranks is None else _first_of(connection, wanted, ranks, best.count)
    if found is None:
        found = _sorted(connection, wanted, _Window(among=among))
    return Places(found=found, ranked_among=_how_many(among))


def _first_of(
    connection: Connection, wanted: SearchRequest, ranks: dict[int, float], most: int
) -> list[RankedPlace] | None:
    """Return the first of those that are wanted, by the ranks of the best `most`; None: these are not enough."""
    found = _wanted_of(connection, wanted, ranks)[: wanted.limit]
    is_enough = len(ranks) < most or (len(found) == wanted.limit and _are_first(connection, found[-1], ranks))
    return found if is_enough else None


def _are_first(connection: Connection, last: RankedPlace, best: dict[int, float]) -> bool:
    """Tell whether no story comes before the last one of a page that is not among the best, told with their ranks."""
    lowest = min(best.values())
    if (last.rank or 0.0) > lowest:
        return True
    # Those that rank like the last of the best and are not among them came in before.
    first = min(story_id for story_id, rank in best.items() if rank == lowest)
    return _is_none_newer(connection, last, first)


def _wanted_of(connection: Connection, wanted: SearchRequest, ranks: dict[int, float]) -> list[RankedPlace]:
    """Return those that are wanted of ranked stories, in order."""
    plain = replace(wanted.filter, unique=False)
    query = select(Story.id, Story.cluster_id, Story.sort_at).where(*conditions(plain))
    rows = connection.execute(query.where(is_one_of(table_of(Story).c.id, "ids")), {"ids": list(ranks)}).all()
    keyed = sorted(((ranks[row.id], row.sort_at, row.id, row) for row in rows), key=lambda one: one[:3], reverse=True)
    if (place := wanted.after) is not None and place.rank is not None:
        keyed = [one for one in keyed if one[:3] < (place.rank, place.sort_at, place.id)]
    found = [_place_of(row, rank) for rank, _, _, row in keyed]
    return _unique(found) if wanted.filter.unique else found


def _places_of(rows: Sequence[Row[Any]], wanted: SearchRequest) -> list[RankedPlace]:
    found = [_place_of(row, row.rank) for row in rows]
    return (_unique(found) if wanted.filter.unique else found)[: wanted.limit]


def _place_of(row: Row[Any], rank: float | None) -> RankedPlace:
    return RankedPlace(id=row.id, cluster_id=row.cluster_id, sort_at=row.sort_at, rank=rank)


def _unique(found: Sequence[RankedPlace]) -> list[RankedPlace]:
    first: dict[int, RankedPlace] = {}
    for one in found:
        first.setdefault(one.cluster_id, one)
    return list(first.values())

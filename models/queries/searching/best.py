"""The best of what a query finds: first those whose titles say all that is asked for, then by rank."""

from datetime import UTC, datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, select

from models._sql.lists import is_one_of
from models.queries.filters import conditions
from models.queries.searching.asking import Order, ResultPlace, SearchRequest, is_widened, matching
from models.queries.searching.newest import is_none_newer, newest
from models.queries.searching.ordering import RankedPlace, Window, in_order, is_narrowed, place_of, unique_of
from models.search.factory import search_index
from models.search.interface import BELOW_TITLES, EVERY_STORY, Among, Best, InTitle
from models.search.query import parse_query
from models.tables.keys import table_of
from models.tables.stories import Story

MOST_RANKED: Final = 50_000
_FEW: Final = 200  # stories, which are ranked without a look at their titles before
_TOP: Final = 1_000  # by rank, of which it is asked whether they are wanted
_BEHIND_TITLES: Final = ResultPlace(sort_at=datetime(1, 1, 1, tzinfo=UTC), id=0, rank=BELOW_TITLES)


class Places(Struct, frozen=True, kw_only=True):
    """Which stories are wanted, in order."""

    found: list[RankedPlace]
    ranked_among: int | None = None  # they are the best of so many that came in last; None: of all


def best(connection: Connection, wanted: SearchRequest, query: str) -> Places:
    """Return the best that a query with words finds."""
    after = wanted.after
    if after is not None and after.rank is None:
        return Places(found=[])  # behind what has no rank is nothing that has one
    if (few := _of_few(connection, wanted, query)) is not None:
        return Places(found=few)
    found = _by_titles(connection, wanted, query)
    if len(found) == wanted.limit:
        return Places(found=found)
    is_behind_titles = after is not None and (after.rank or 0.0) <= BELOW_TITLES
    others = _by_rank(connection, wanted if is_behind_titles else replace(wanted, after=_BEHIND_TITLES), query)
    return replace(others, found=_first(wanted, [*found, *others.found]))


def ranked_among(connection: Connection, wanted: SearchRequest) -> int | None:
    """Return among how many of the stories that came in last a search finds the best; None: among all.

    Those whose titles say it come first of all stories, and a list of them alone is the best of all.
    """
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
    if not is_narrowed(wanted):
        return Among(first=border)
    found = select(Story.id).where(*conditions(replace(wanted.filter, unique=False)))
    found = matching(found, search_index(connection).matches(connection, query), wanted)
    ids = connection.scalars(found.order_by(Story.id.desc()).limit(2).offset(MOST_RANKED - 1)).all()
    return Among(first=ids[0]) if len(ids) > 1 else EVERY_STORY


def _of_few(connection: Connection, wanted: SearchRequest, query: str) -> list[RankedPlace] | None:
    """Rank all that the index finds, where it is little enough; None: it is more."""
    index = search_index(connection)
    last = index.came_last(connection, query, _FEW)
    if last is None or last.first is not None or len(last.story_ids) > MOST_RANKED:
        return None
    if not last.story_ids:
        return []
    ranks = index.best(connection, query, Best(count=len(last.story_ids)), EVERY_STORY)
    return _wanted_of(connection, wanted, ranks)[: wanted.limit]


def _by_titles(connection: Connection, wanted: SearchRequest, query: str) -> list[RankedPlace]:
    """Return the newest whose titles say it: in the very words, then, where these are too few, in other forms."""
    found: list[RankedPlace] = []
    for title in InTitle:
        after = wanted.after
        if len(found) < wanted.limit and (after is None or (after.rank or 0.0) >= title.rank):
            within = after if after is not None and after.rank == title.rank else None
            told = newest(connection, replace(wanted, order=Order.NEWEST, after=within), query, title)
            found = _first(wanted, [*found, *(replace(place, rank=title.rank) for place in told)])
    return found


def _first(wanted: SearchRequest, found: list[RankedPlace]) -> list[RankedPlace]:
    return (unique_of(found) if wanted.filter.unique else found)[: wanted.limit]


def _by_rank(connection: Connection, wanted: SearchRequest, query: str) -> Places:
    """Rank what the index finds by itself, and ask of the best alone whether they are wanted, where that is enough."""
    index, among = search_index(connection), EVERY_STORY
    best = Best(count=max(_TOP, 2 * wanted.limit), at_most=wanted.after.rank if wanted.after else None)
    ranks = index.best_of_few(connection, query, best, MOST_RANKED)
    if ranks is None:
        border = index.border(connection, query, MOST_RANKED)
        among = _last_ones(connection, wanted, query, border)
        if border is None or not is_narrowed(wanted):
            ranks = index.best(connection, query, best, among)
    found = None if ranks is None else _first_of(connection, wanted, ranks, best.count)
    if found is None:
        found = in_order(connection, wanted, Window(among=among))
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
    return is_none_newer(connection, last, first)


def _wanted_of(connection: Connection, wanted: SearchRequest, ranks: dict[int, float]) -> list[RankedPlace]:
    """Return those that are wanted of ranked stories, in order."""
    plain = replace(wanted.filter, unique=False)
    query = select(Story.id, Story.cluster_id, Story.sort_at).where(*conditions(plain))
    rows = connection.execute(query.where(is_one_of(table_of(Story).c.id, "ids")), {"ids": list(ranks)}).all()
    keyed = sorted(((ranks[row.id], row.sort_at, row.id, row) for row in rows), key=lambda one: one[:3], reverse=True)
    if (place := wanted.after) is not None and place.rank is not None:
        keyed = [one for one in keyed if one[:3] < (place.rank, place.sort_at, place.id)]
    found = [place_of(row, rank) for rank, _, _, row in keyed]
    return unique_of(found) if wanted.filter.unique else found

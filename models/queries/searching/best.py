"""The best of what a query finds: first those whose titles say all that is asked for, then by rank."""

from datetime import UTC, datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, select

from models._sql.lists import is_one_of
from models.queries.filters import conditions
from models.queries.searching.asking import Order, ResultPlace, SearchRequest, is_widened, matching
from models.queries.searching.newest import is_none_newer, look_among_the_last
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


class _Told(Struct, frozen=True, kw_only=True):
    """What titles say."""

    found: list[RankedPlace]  # the first that are wanted
    every_id: frozenset[int] | None  # all whose titles say it, wanted or not; None: these are not known


def best(connection: Connection, wanted: SearchRequest, query: str) -> Places:
    """Return the best that a query with words finds."""
    after = wanted.after
    if after is not None and after.rank is None:
        return Places(found=[])  # behind what has no rank is nothing that has one
    if (few := _of_few(connection, wanted, query)) is not None:
        return Places(found=few)
    if is_narrowed(wanted):
        return _of_narrowed(connection, wanted, query)
    return _titles_and_others(connection, wanted, query)


def ranked_among(connection: Connection, wanted: SearchRequest) -> int | None:
    """Return among how many stories, those that came in last, a search looks for what comes behind the titles.

    None: among all.
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
    last = search_index(connection).came_last(connection, query, _FEW)
    if last is None or last.first is not None or len(last.story_ids) > MOST_RANKED:
        return None
    if not last.story_ids:
        return []
    ranks = search_index(connection).best(connection, query, Best(count=len(last.story_ids)), EVERY_STORY)
    return _wanted_of(connection, wanted, ranks)[: wanted.limit]


def _of_narrowed(connection: Connection, wanted: SearchRequest, query: str) -> Places:
    """Look for titles among the newest; where these are not wanted, or are too few, rank all that is wanted.

    To look for titles everywhere and then for others would take longer.
    """
    is_newest = wanted.filter.until is None
    told = _by_titles(connection, wanted, query, is_everywhere=False).found if is_newest else []
    if len(told) == wanted.limit:
        return Places(found=told)
    ranked = _by_rank(connection, wanted, query)
    return ranked if ranked.ranked_among is None else _titles_and_others(connection, wanted, query)


def _titles_and_others(connection: Connection, wanted: SearchRequest, query: str) -> Places:
    told, after = _by_titles(connection, wanted, query, is_everywhere=True), wanted.after
    if len(told.found) == wanted.limit:
        return Places(found=told.found)
    if after is None or (after.rank or 0.0) > BELOW_TITLES:
        wanted = replace(wanted, after=_BEHIND_TITLES)
    others = _by_rank(connection, wanted, query, told.every_id)
    return replace(others, found=_first(wanted, [*told.found, *others.found]))


def _by_titles(connection: Connection, wanted: SearchRequest, query: str, *, is_everywhere: bool) -> _Told:
    """Return the newest whose titles say it: in the very words, then, where these are too few, in other forms.

    Those that are not among the last ones are looked for where they are looked for everywhere.
    """
    found: list[RankedPlace] = []
    known: frozenset[int] | None = frozenset()
    for title in InTitle:
        asked = _of_title(wanted, title)
        if asked is None or len(found) == wanted.limit:
            known = None
            continue
        looked = look_among_the_last(connection, asked, query, title)
        known = None if known is None or looked.every_id is None else known.union(looked.every_id)
        if looked.found is None and not is_everywhere:
            break
        told = in_order(connection, asked, Window(among=Among(title=title))) if looked.found is None else looked.found
        found = _first(wanted, [*found, *(replace(place, rank=title.rank) for place in told)])
    return _Told(found=found, every_id=known)


def _of_title(wanted: SearchRequest, title: InTitle) -> SearchRequest | None:
    """Return what is asked of those whose titles say it so; None where a page begins behind them."""
    after = wanted.after
    if after is not None and (after.rank or 0.0) < title.rank:
        return None
    is_within = after is not None and after.rank == title.rank
    return replace(wanted, order=Order.NEWEST, after=after if is_within else None)


def _first(wanted: SearchRequest, found: list[RankedPlace]) -> list[RankedPlace]:
    return (unique_of(found) if wanted.filter.unique else found)[: wanted.limit]


def _by_rank(connection: Connection, wanted: SearchRequest, query: str, told: frozenset[int] | None = None) -> Places:
    """Rank what the index finds by itself, and ask of the best alone whether they are wanted, where that is enough.

    Where all are known whose titles say it, they are left out.
    """
    index, among, is_told = search_index(connection), EVERY_STORY, told is not None
    count = max(_TOP, 2 * wanted.limit) + len(told or ())
    sought = Best(count=count, at_most=wanted.after.rank if wanted.after else None, by_words=is_told)
    ranks = index.best_of_few(connection, query, sought, MOST_RANKED)
    if ranks is None:
        border = index.border(connection, query, MOST_RANKED)
        among = _last_ones(connection, wanted, query, border)
        if border is None or not is_narrowed(wanted):
            ranks = index.best(connection, query, sought, among)
    found = None if ranks is None else _first_of(connection, wanted, _Ranks(ranks, told or frozenset(), count))
    if found is None:
        found = in_order(connection, wanted, Window(among=among))
    return Places(found=found, ranked_among=_how_many(among))


class _Ranks(Struct, frozen=True):
    """The ranks of the best, as many as were asked for or as there are."""

    by_id: dict[int, float]
    without: frozenset[int]  # whose titles say it
    asked: int

    def are_first(self, connection: Connection, last: RankedPlace) -> bool:
        """Tell whether no story comes before the last one of a page that is not among the best."""
        lowest = min(self.by_id.values())
        if (last.rank or 0.0) > lowest:
            return True
        # Those that rank like the last of the best and are not among them came in before.
        first = min(story_id for story_id, rank in self.by_id.items() if rank == lowest)
        return is_none_newer(connection, last, first)


def _first_of(connection: Connection, wanted: SearchRequest, ranks: _Ranks) -> list[RankedPlace] | None:
    """Return the first of those that are wanted, by the ranks of the best; None: these are not enough."""
    others = {story_id: rank for story_id, rank in ranks.by_id.items() if story_id not in ranks.without}
    found = _wanted_of(connection, wanted, others)[: wanted.limit]
    is_enough = len(ranks.by_id) < ranks.asked
    return found if is_enough or (len(found) == wanted.limit and ranks.are_first(connection, found[-1])) else None


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

"""The newest of what a query finds, told without reading all of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, func, select

from models.queries.searching.asking import SearchRequest
from models.queries.searching.ordering import NEWEST, RankedPlace, Window, in_order, is_narrowed
from models.search.factory import search_index
from models.search.interface import Among, InTitle
from models.tables.stories import Story

_ENOUGH: Final = 500  # of the stories that came in last, to have the newest ones among them
_WINDOWS: Final = (2_000, 20_000)  # of the newest stories, that more hits are looked for in


class Looked(Struct, frozen=True, kw_only=True):
    """What came of looking among the last ones."""

    found: list[RankedPlace] | None = None  # the newest that are wanted; None: they may be further back
    every_id: Sequence[int] | None = None  # all that the query finds, wanted or not, where it is little


def newest(connection: Connection, wanted: SearchRequest, query: str) -> list[RankedPlace]:
    """Return the newest that a query finds."""
    found = look_among_the_last(connection, wanted, query).found
    return in_order(connection, wanted, Window()) if found is None else found


def look_among_the_last(
    connection: Connection, wanted: SearchRequest, query: str, title: InTitle | None = None
) -> Looked:
    """Look for the newest that a query finds, or for those alone whose title says it so."""
    index, ends = search_index(connection), _ends(wanted)
    is_plain = not ends and not is_narrowed(wanted) and wanted.limit <= _ENOUGH
    for most in sorted({min(_ENOUGH, index.few), index.few}) if is_plain else (index.few,):
        last = index.came_last(connection, query, most, title)
        if last is None or (last.first is not None and ends):  # a page further back is mostly not among the last
            continue
        found = in_order(connection, wanted, Window(found=last.story_ids))
        if last.first is None:
            return Looked(found=found, every_id=last.story_ids)
        if len(found) >= wanted.limit and _are_newest(connection, found[-1], last.first):
            return Looked(found=found)
    for window in _windows(connection, wanted, title):
        found = in_order(connection, wanted, window)
        if len(found) >= wanted.limit:
            return Looked(found=found)
    return Looked()


def _are_newest(connection: Connection, last: RankedPlace, first: int) -> bool:
    """Tell whether a page that was chosen among what came in from some story on is that of the newest of all.

    Of a page that reaches far back it is not told: there are many stories to look through.
    """
    far_back = connection.scalar(select(Story.sort_at).order_by(*NEWEST).limit(1).offset(_WINDOWS[-1]))
    return (far_back is None or last.sort_at > far_back) and is_none_newer(connection, last, first)


def is_none_newer(connection: Connection, last: RankedPlace, first: int) -> bool:
    """Tell whether no story that came in before a certain one is dated after the last one of a page."""
    newer = select(Story.id).where(Story.sort_at >= last.sort_at, Story.id < first, Story.relevant_at.is_not(None))
    # In their order: else SQLite goes through all that came in before.
    return connection.execute(newer.order_by(*NEWEST).limit(1)).first() is None


def _ends(wanted: SearchRequest) -> list[datetime]:
    """Return the moments behind which no story is wanted: where a page begins, and the filter's."""
    behind = wanted.after.sort_at if wanted.after else None
    return [one for one in (behind, wanted.filter.until) if one is not None]


def _windows(connection: Connection, wanted: SearchRequest, title: InTitle | None) -> Iterator[Window]:
    """Give where to look, each of them holding the one before.

    They begin where the page does, or a day: the newest of all would be looked through in vain.
    """
    for size in _WINDOWS:
        last = select(Story.id, Story.sort_at).where(*(Story.sort_at <= end for end in _ends(wanted)))
        last = last.where(Story.relevant_at.is_not(None)).order_by(*NEWEST).limit(size)
        stories = last.subquery()
        first, since = connection.execute(select(func.min(stories.c.id), func.min(stories.c.sort_at))).tuples().one()
        if first is not None:
            yield Window(among=Among(first=first, title=title), since=since)

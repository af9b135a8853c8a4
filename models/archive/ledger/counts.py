"""The roll-up rows, kept in the transaction that changes what they sum up. `runs check` recounts them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import add
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, select

from models._sql.lists import is_one_of
from models.counting import (
    DAY_SUMS,
    SUMS,
    FeedAndDay,
    Tally,
    by_month,
    by_set,
    day_of,
    recounted,
    recounted_days,
    summed_days,
    sums_of_outcome,
)
from models.storage.database import Conflict, upsert
from models.tables.counts import FeedDay, FeedSet, FeedSum, StoryCount, StoryMonth
from models.tables.keys import table_of

_COUNTS, _MONTHS, _SETS = table_of(StoryCount), table_of(StoryMonth), table_of(FeedSet)
_DAYS, _SUMS = table_of(FeedDay), table_of(FeedSum)
_CELL: Final = ("feeds", "topic", "day", "language")
_MONTH_CELL: Final = ("feeds", "topic", "month", "language")
_SET: Final = ("name", "feeds")
_FEED_AND_DAY: Final = ("feed_id", "day")
_FEEDS_AND_BEGIN: Final = ("feeds", "begins")
_KEPT: Final = select(*(_DAYS.c[name] for name in (*_FEED_AND_DAY, *DAY_SUMS))).where(
    is_one_of(_DAYS.c.feed_id, "feeds"), _DAYS.c.day.between(bindparam("first"), bindparam("last"))
)


@contextmanager
def counting(connection: Connection, story_ids: Iterable[int]) -> Iterator[None]:
    """Keep the sums right around whatever is written of these stories.

    Not within another one for the same story: both would count what it does.
    """
    ids = sorted(set(story_ids))
    tally = counted_off(connection, ids)
    yield
    count_on(connection, tally, ids)


def counted_off(connection: Connection, story_ids: Iterable[int]) -> Tally:
    """Return what these stories take off the sums before anything of them is written; count_on is to follow."""
    tally = Tally()
    tally.count(connection, story_ids, -1)
    return tally


def count_on(connection: Connection, tally: Tally, story_ids: Iterable[int]) -> None:
    """Write what became of the sums; the stories are those of counted_off, and those born since."""
    tally.count(connection, story_ids)
    _write(connection, tally)


def count_outcomes(
    connection: Connection, rows: Iterable[Mapping[str, Any]], replaced: Iterable[Mapping[str, Any]]
) -> None:
    """Add rows of the ledger to their feeds' days, and take off those that they replace."""
    days: dict[FeedAndDay, list[int]] = {}
    for row, times in [*((row, 1) for row in rows), *((row, -1) for row in replaced)]:
        sums = days.setdefault((row["feed_id"], day_of(row["finished_at"])), [0] * len(DAY_SUMS))
        for at, amount in enumerate(sums_of_outcome(row)):
            sums[at] += times * amount
    _add_days(connection, {key: sums for key, sums in days.items() if any(sums)})


def recount(connection: Connection) -> None:
    """Make all roll-up rows anew."""
    for table in (_COUNTS, _MONTHS, _SETS, _DAYS, _SUMS):
        connection.execute(delete(table))
    _write(connection, recounted(connection))
    _add_days(connection, recounted_days(connection))


def _add_days(connection: Connection, days: Mapping[FeedAndDay, Sequence[int]]) -> None:
    if not days:
        return
    before = _kept_days(connection, days)
    after = {key: list(map(add, before[key], sums)) for key, sums in days.items()}
    spans = summed_days((key, before[key], after[key]) for key in days)
    for table, names, added in ((_DAYS, _FEED_AND_DAY, days), (_SUMS, _FEEDS_AND_BEGIN, spans)):
        upsert(connection, table, _rows(names, DAY_SUMS, added), Conflict(index_elements=names, add=DAY_SUMS))


def _kept_days(connection: Connection, days: Iterable[FeedAndDay]) -> Mapping[FeedAndDay, Sequence[int]]:
    """Read what is kept of feeds' days; of others between the first and the last of them as well."""
    feeds, dates = zip(*days, strict=True)
    asked = {"feeds": sorted(set(feeds)), "first": min(dates), "last": max(dates)}
    kept = {(feed, day): sums for feed, day, *sums in connection.execute(_KEPT, asked)}
    return defaultdict(lambda: [0] * len(DAY_SUMS), kept)


def _write(connection: Connection, tally: Tally) -> None:
    sets = _rows(_SET, SUMS, by_set(tally))
    upsert(connection, _SETS, sets, Conflict(index_elements=("name",), add=SUMS))
    for table, names, sums in ((_COUNTS, _CELL, tally.sums), (_MONTHS, _MONTH_CELL, by_month(tally.sums))):
        upsert(connection, table, _rows(names, SUMS, sums), Conflict(index_elements=names, add=SUMS))


def _rows(names: Sequence[str], amounts: Sequence[str], sums: Mapping[Any, Sequence[int]]) -> Iterator[dict[str, Any]]:
    """Make a row of each key whose sums change, in the keys' order."""
    columns = (*names, *amounts)
    return (dict(zip(columns, (*key, *added), strict=True)) for key, added in sorted(sums.items()) if any(added))

"""The roll-up rows, kept in the transaction that changes what they sum up. `runs check` recounts them."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete

from models.counting import DAY_SUMS, SUMS, Tally, day_of, recounted, recounted_days, sums_of_outcome
from models.storage.database import Conflict, insert_rows, upsert
from models.tables import FeedDay, FeedSet, StoryCount
from models.tables.keys import table_of

_COUNTS, _SETS, _DAYS = table_of(StoryCount), table_of(FeedSet), table_of(FeedDay)
_CELL = ("feeds", "topic", "day", "language")
_FEED_AND_DAY = ("feed_id", "day")


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
    days: dict[tuple[str, date], list[int]] = {}
    for row, times in [*((row, 1) for row in rows), *((row, -1) for row in replaced)]:
        sums = days.setdefault((row["feed_id"], day_of(row["finished_at"])), [0] * len(DAY_SUMS))
        for at, amount in enumerate(sums_of_outcome(row)):
            sums[at] += times * amount
    changed = ((day, sums) for day, sums in sorted(days.items()) if any(sums))
    added = [{"feed_id": feed, "day": day} | dict(zip(DAY_SUMS, sums, strict=True)) for (feed, day), sums in changed]
    upsert(connection, _DAYS, added, Conflict(index_elements=_FEED_AND_DAY, add=DAY_SUMS))


def recount(connection: Connection) -> None:
    """Make all roll-up rows anew."""
    for table in (_COUNTS, _SETS, _DAYS):
        connection.execute(delete(table))
    _write(connection, recounted(connection))
    days = recounted_days(connection)
    rows = (
        {"feed_id": feed, "day": day} | dict(zip(DAY_SUMS, sums, strict=True)) for (feed, day), sums in days.items()
    )
    insert_rows(connection, _DAYS, rows)


def _write(connection: Connection, tally: Tally) -> None:
    sets = [{"name": name, "feeds": feeds} for name, feeds in sorted(tally.sets.items())]
    upsert(connection, _SETS, sets, Conflict(index_elements=("name",)))
    changed = sorted((cell, sums) for cell, sums in tally.sums.items() if any(sums))
    rows = (cell._asdict() | dict(zip(SUMS, sums, strict=True)) for cell, sums in changed)
    upsert(connection, _COUNTS, rows, Conflict(index_elements=_CELL, add=SUMS))

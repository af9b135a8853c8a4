"""Compare the roll-up rows with a count of the rows that they sum up."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from models.counting import DAY_SUMS, EVERY, Cell, Tally, by_month, by_set, recounted, recounted_days, summed_days
from models.tables.conventions import Base
from models.tables.counts import FeedDay, FeedSet, FeedSum, StoryCount, StoryMonth
from models.tables.keys import table_of


def differing_sums(connection: Connection) -> list[str]:
    """Return what differs, a sentence each; the sums of an archive at rest differ nowhere."""
    tally = recounted(connection)
    return sorted([*_stories(connection, tally), *_sets(connection, tally), *_feeds(connection)])


def _stories(connection: Connection, tally: Tally) -> Iterator[str]:
    for table, span, sums in ((StoryCount, "", tally.sums), (StoryMonth, "the month from ", by_month(tally.sums))):
        for key, kept, found in _differing(connection, table, sums):
            cell = Cell(*key)
            name = f"topic {cell.topic}, {span}{cell.day}, language {cell.language or '-'}"
            yield f"counts of feeds {cell.feeds or '-'}, {name}: {_compared(kept, found)}"


def _sets(connection: Connection, tally: Tally) -> Iterator[str]:
    for (name, feeds), kept, found in _differing(connection, FeedSet, by_set(tally), keys=2):
        yield f"set of feeds {name}, which are {feeds}: {_compared(kept, found)}"


def _compared(kept: Sequence[int] | None, found: Sequence[int]) -> str:
    stands = "nothing is kept" if kept is None else f"{kept[0]} of {kept[1]} are kept"
    return f"{stands}, but there are {found[0]} of {found[1]}"


def _feeds(connection: Connection) -> Iterator[str]:
    counted, nothing = recounted_days(connection), (0,) * len(DAY_SUMS)
    spans = summed_days((key, nothing, sums) for key, sums in counted.items())
    for key, kept, found in _differing(connection, FeedDay, counted):
        yield f"feed {key[0]} on {key[1]}: {_told(kept)} is kept, but it was {_told(found)}"
    for key, kept, found in _differing(connection, FeedSum, spans):
        yield f"{_span(*key)}: {_told(kept)} is kept, but it was {_told(found)}"


def _span(feeds: str, begins: date) -> str:
    return f"every feed on {begins}" if feeds == EVERY else f"feed {feeds} in the month from {begins}"


def _told(sums: Iterable[int] | None) -> str:
    if sums is None:
        return "nothing"
    return ", ".join(f"{amount} {name}" for name, amount in zip(DAY_SUMS, sums, strict=True))


def _differing(
    connection: Connection, table: type[Base], counted: Mapping[Any, Sequence[int]], keys: int | None = None
) -> Iterator[tuple[Any, Sequence[int] | None, Sequence[int]]]:
    """Return the keys of a table whose sums are not those counted, with both: None for a row that is not there.

    Its first columns are the key, as many as are given or as its primary key has.
    """
    columns, keys = table_of(table).c, keys or len(table_of(table).primary_key)
    rest = {key: tuple(sums) for key, sums in counted.items() if any(sums)}
    for row in connection.execute(select(*columns)).tuples():
        key, kept = tuple(row[:keys]), tuple(row[keys:])
        found = rest.pop(key, (0,) * len(kept))
        if found != kept:
            yield key, kept, found
    yield from ((key, None, found) for key, found in rest.items())

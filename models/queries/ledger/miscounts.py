"""Compare the roll-up rows with a count of the rows that they sum up."""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, select

from models.counting import DAY_SUMS, SUMS, Cell, recounted, recounted_days
from models.tables import FeedDay, FeedSet, StoryCount


def differing_sums(connection: Connection) -> list[str]:
    """Return what differs, a sentence each; the sums of an archive at rest differ nowhere."""
    return sorted([*_stories(connection), *_sets(connection), *_days(connection)])


def _stories(connection: Connection) -> Iterator[str]:
    counted = {cell: tuple(sums) for cell, sums in recounted(connection).sums.items()}
    columns = [getattr(StoryCount, name) for name in (*Cell._fields, *SUMS)]
    for *names, stories, published in connection.execute(select(*columns)):
        cell = Cell(*names)
        found = counted.pop(cell, (0, 0))
        if found != (stories, published):
            yield f"{_name(cell)}: {stories} of {published} are kept, but there are {found[0]} of {found[1]}"
    for cell, found in counted.items():
        yield f"{_name(cell)}: nothing is kept, but there are {found[0]} of {found[1]}"


def _name(cell: Cell) -> str:
    return f"counts of feeds {cell.feeds or '-'}, topic {cell.topic}, {cell.day}, language {cell.language or '-'}"


def _sets(connection: Connection) -> Iterator[str]:
    """Find sets of feeds whose name nothing explains."""
    known = select(FeedSet.name).where(FeedSet.name == StoryCount.feeds)
    unnamed = select(StoryCount.feeds).where(StoryCount.feeds.like("+%"), ~known.exists()).distinct()
    yield from (f"set of feeds {name}: its feeds are not kept" for name in connection.scalars(unnamed))


def _days(connection: Connection) -> Iterator[str]:
    counted = {key: tuple(sums) for key, sums in recounted_days(connection).items() if any(sums)}
    columns = [getattr(FeedDay, name) for name in DAY_SUMS]
    for feed, day, *sums in connection.execute(select(FeedDay.feed_id, FeedDay.day, *columns)):
        found = counted.pop((feed, day), (0,) * len(DAY_SUMS))
        if found != tuple(sums):
            yield f"feed {feed} on {day}: {_told(sums)} is kept, but it was {_told(found)}"
    for (feed, day), found in counted.items():
        yield f"feed {feed} on {day}: nothing is kept, but it was {_told(found)}"


def _told(sums: Iterable[int]) -> str:
    return ", ".join(f"{amount} {name}" for name, amount in zip(DAY_SUMS, sums, strict=True))

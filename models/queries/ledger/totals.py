"""How many stories about climate there are of each kind, read from the roll-up rows and not from the stories."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, Connection, func, select

from models.counting import EVERY
from models.queries.filters import StoryFilter, is_in_language
from models.queries.ledger.feed_sets import FeedSets
from models.tables.counts import StoryCount


class SumsWanted(Struct, frozen=True, kw_only=True):
    """What the sums can be narrowed to."""

    topic: str | None = None
    feeds: tuple[str, ...] = ()  # shown by any of them
    languages: tuple[str, ...] = ()  # in any of them, each with its regions
    since: date | None = None  # this day of UTC included
    until: date | None = None  # this day of UTC excluded


_ALL: Final = SumsWanted()


def narrowing_of(wanted: StoryFilter) -> SumsWanted | None:
    """Return a filter of stories as the sums know it; None where they do not."""
    kept = StoryFilter(
        topics=wanted.topics, feeds=wanted.feeds, languages=wanted.languages, since=wanted.since, until=wanted.until
    )
    moments = (wanted.since, wanted.until)
    # A story of two topics stands in the sums of both.
    if wanted != kept or len(wanted.topics) > 1 or not all(map(_begins_a_day, moments)):
        return None
    since, until = (None if moment is None else moment.astimezone(UTC).date() for moment in moments)
    topic = next(iter(wanted.topics), None)
    return SumsWanted(topic=topic, feeds=wanted.feeds, languages=wanted.languages, since=since, until=until)


def stories_by_feed(connection: Connection, within: SumsWanted = _ALL) -> Counter[str]:
    """Count the stories that each feed shows or showed; one that several show counts for each."""
    sets, found = FeedSets.read(connection), Counter[str]()
    for name, count in _sums(connection, StoryCount.feeds, within).items():
        for feed_id in sets.of(name):
            found[feed_id] += count
    return found


def stories_by_topic(connection: Connection, within: SumsWanted = _ALL) -> Counter[str]:
    """Count the stories that have each topic; one of several topics counts for each."""
    return _sums(connection, StoryCount.topic, within)


def stories_by_language(connection: Connection, within: SumsWanted = _ALL) -> Counter[str]:
    """Count the stories by the tag of their language, "" where it is not known."""
    return _sums(connection, StoryCount.language, within)


def stories_by_day(connection: Connection, within: SumsWanted = _ALL) -> Counter[date]:
    """Count the stories by their day of UTC."""
    return _sums(connection, StoryCount.day, within)


def stories_and_entries(connection: Connection, within: SumsWanted = _ALL) -> tuple[int, int]:
    """Count the stories, and all that are read, whatever they are about."""
    query = select(func.sum(StoryCount.stories), func.sum(StoryCount.published))
    stories, published = connection.execute(query.where(*_met(connection, None, within))).tuples().one()
    return int(stories or 0), int(published or 0)


def _begins_a_day(moment: datetime | None) -> bool:
    return moment is None or moment.astimezone(UTC).time() == time.min


def _sums(connection: Connection, by: Column[Any], within: SumsWanted) -> Counter[Any]:
    query = select(by, func.sum(StoryCount.stories)).where(*_met(connection, by, within)).group_by(by)
    # PostgreSQL sums whole numbers to decimals; a row that lost its last story says 0.
    return Counter({key: int(count) for key, count in connection.execute(query).tuples() if count})


def _met(connection: Connection, by: Column[Any] | None, within: SumsWanted) -> Iterator[ColumnElement[bool]]:
    """Give what a row must meet; what is counted by is not narrowed."""
    yield StoryCount.topic != EVERY if by is StoryCount.topic else StoryCount.topic == (within.topic or EVERY)
    if by is StoryCount.feeds:
        yield StoryCount.feeds != EVERY
    else:
        yield (
            FeedSets.read(connection).hold_any(StoryCount.feeds, within.feeds)
            if within.feeds
            else StoryCount.feeds == EVERY
        )
    if within.languages and by is not StoryCount.language:
        yield is_in_language(StoryCount.language, within.languages)
    if within.since is not None:
        yield StoryCount.day >= within.since
    if within.until is not None:
        yield StoryCount.day < within.until

"""How many stories there were, of how many, and how well the feeds were watched meanwhile. Read from the roll-up rows.

Days are days of UTC. A story counts on the day of its `sort_at`; a feed is asked on the day of the run.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from itertools import chain
from typing import Any, Final

from msgspec import Struct, field
from sqlalchemy import Column, ColumnElement, Connection, Row, Select, case, cast, func, null, select

from models.counting import DAY_SUMS, EVERY
from models.queries.filters import is_in_language
from models.queries.ledger.feed_sets import FeedSets
from models.queries.ledger.spans import Span, in_months
from models.storage.database import BigKey
from models.tables.counts import FeedDay, FeedSum, StoryCount, StoryMonth
from models.tables.feeds import Feed

ALL_TOGETHER: Final = ""  # the key where there is one row
UNKNOWN: Final = ""  # the key of stories whose language, or whose feeds' country, is not known


class CountBy(StrEnum):
    """What a count has a row for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    TOPIC = "topic"
    FEED = "feed"
    COUNTRY = "country"
    LANGUAGE = "language"


PERIODS: Final = (CountBy.DAY, CountBy.WEEK, CountBy.MONTH)
_BY_FEEDS: Final = (CountBy.FEED, CountBy.COUNTRY)


class CountRequest(Struct, frozen=True, kw_only=True):
    """What is to be counted, and what there is a row for."""

    by: CountBy | None = None  # None: for all of it together
    topics: tuple[str, ...] = ()  # each has rows of its own: a story of two topics is in both
    feeds: tuple[str, ...] = ()  # shown by any of them, counted once
    languages: tuple[str, ...] = ()  # in any of them, each with its regions
    since: date | None = None  # this day included
    until: date | None = None  # this day included


class Coverage(Struct, kw_only=True):
    """How well feeds were watched. The unit is a feed on a day, however often it was asked that day."""

    asked: int = 0
    answered: int = 0
    resting: int = 0  # not asked, as it was dormant or gone
    gaps: int = 0  # times that entries had come and gone between two nights


class CountRow(Struct, frozen=True, kw_only=True):
    """How many stories, of how many."""

    key: str  # the day, the first day of the week, the month or the id that the row is for; "" for all together
    topic: str | None  # whose stories are counted; None: of all topics
    stories: int  # about climate, with the topic where one is named
    published: int  # all that these feeds published, whatever it was about
    coverage: Coverage

    @property
    def share(self) -> float | None:
        """Return the share of all that was published; None where that was nothing."""
        return self.stories / self.published if self.published else None


def count_rows(connection: Connection, wanted: CountRequest) -> list[CountRow]:
    """Count: a row for each key and each topic named, also where feeds were asked and nothing came.

    Periods come in their order, all else by the number of stories.
    """
    sums = _read_sums(connection, wanted)
    if wanted.by is CountBy.TOPIC:
        topics = sorted(topic for _, topic in sums.stories if topic != EVERY)
        rows = [sums.row(ALL_TOGETHER, topic, key=topic, shown=None) for topic in topics]
    else:
        keys = sorted({*sums.published, *(() if wanted.by is CountBy.LANGUAGE else sums.coverage)})
        rows = [
            sums.row(key, topic or EVERY, key=key, shown=topic) for key in keys for topic in wanted.topics or (None,)
        ]
    return rows if wanted.by in PERIODS else sorted(rows, key=lambda row: (-row.stories, -row.published, row.key))


def language_tags(connection: Connection) -> list[str]:
    """Return the tag of every language that the archive has an entry in, whatever that is about."""
    every = (StoryCount.feeds == EVERY, StoryCount.topic == EVERY, StoryCount.language != UNKNOWN)
    query = select(StoryCount.language).where(*every, StoryCount.published > 0).distinct()
    return list(connection.scalars(query.order_by(StoryCount.language)))


class _Sums(Struct):
    """Sums by key, as far as they are read."""

    stories: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))  # and by topic
    published: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    coverage: defaultdict[str, Coverage] = field(default_factory=lambda: defaultdict(Coverage))
    is_watched_together: bool = False  # what was asked has no topic and no language

    def row(self, at: str, topic: str, *, key: str, shown: str | None) -> CountRow:
        """Make the row of what stands at a key for a topic."""
        return CountRow(
            key=key,
            topic=shown,
            stories=self.stories.get((at, topic), 0),
            published=self.published.get(at, 0),
            coverage=self.coverage[ALL_TOGETHER if self.is_watched_together else at],
        )


def _read_sums(connection: Connection, wanted: CountRequest) -> _Sums:
    feeds = _Feeds.read(connection) if wanted.feeds or wanted.by in _BY_FEEDS else _Feeds(FeedSets({}), {})
    sums = _Sums(is_watched_together=wanted.by in (None, CountBy.TOPIC, CountBy.LANGUAGE))
    spans = _spans(wanted)
    for row in _all_rows(connection, (_story_sums(wanted, feeds, span) for span in spans)):
        names, topic, day, language, stories, published = row
        for key in _keys(wanted, feeds, names, day, language):
            sums.stories[key, topic] += stories
            if topic == EVERY:
                sums.published[key] += published
    for feed, day, *watched in _all_rows(connection, (_feed_sums(wanted, span) for span in spans)):
        for key in _keys(wanted, feeds, feed, day, ""):
            coverage = sums.coverage[key]
            for name, amount in zip(DAY_SUMS, watched, strict=True):
                setattr(coverage, name, getattr(coverage, name) + amount)
    return sums


def _spans(wanted: CountRequest) -> tuple[Span, ...]:
    """Choose what is read by month: sums of single feeds, of which there are as many a day as feeds."""
    if wanted.by in (CountBy.DAY, CountBy.WEEK) or not (wanted.feeds or wanted.by in _BY_FEEDS):
        return (Span(wanted.since, wanted.until),)
    return in_months(wanted.since, wanted.until)


def _all_rows(connection: Connection, queries: Iterable[Select[Any]]) -> Iterator[Row[Any]]:
    return chain.from_iterable(map(connection.execute, queries))


class _Feeds(Struct, frozen=True):
    """The feeds behind a sum, and where each is at home; none where sums of every feed are asked for."""

    sets: FeedSets
    countries: dict[str, str]  # of every feed

    @classmethod
    def read(cls, connection: Connection) -> "_Feeds":
        countries = connection.execute(select(Feed.id, Feed.country)).tuples()
        return cls(FeedSets.read(connection), {feed_id: country or UNKNOWN for feed_id, country in countries})


def _keys(wanted: CountRequest, feeds: _Feeds, name: str, day: date, language: str) -> Iterable[str]:
    """Name the rows that a sum is part of."""
    if wanted.by in PERIODS:
        return (period_of(wanted.by, day),)
    if wanted.by is CountBy.LANGUAGE:
        return (language,)
    if wanted.by not in _BY_FEEDS:
        return (ALL_TOGETHER,)
    members = [one for one in feeds.sets.of(name) if not wanted.feeds or one in wanted.feeds]
    return members if wanted.by is CountBy.FEED else {feeds.countries.get(one, UNKNOWN) for one in members}


def period_of(by: CountBy | None, day: date) -> str:
    """Return the period that a day belongs to: itself, the Monday of its week, its month."""
    if by is CountBy.MONTH:
        return f"{day.year:04}-{day.month:02}"
    return (day - timedelta(days=day.weekday()) if by is CountBy.WEEK else day).isoformat()


def _story_sums(wanted: CountRequest, feeds: _Feeds, span: Span) -> Select[Any]:
    by, topics = wanted.by, wanted.topics
    table, day = (StoryMonth, StoryMonth.month) if span.is_months else (StoryCount, StoryCount.day)
    dimensions: dict[Column[Any], bool] = {
        table.feeds: by in _BY_FEEDS,
        table.topic: True,
        day: by in PERIODS,
        table.language: by is CountBy.LANGUAGE,
    }
    query = _grouped(dimensions, (table.stories, table.published)).where(*span.within(day))
    if wanted.feeds or by in _BY_FEEDS:
        query = query.where(feeds.sets.hold_any(table.feeds, wanted.feeds or (*feeds.countries, "")))
    else:
        query = query.where(table.feeds == EVERY)
    if topics or by is not CountBy.TOPIC:
        query = query.where(table.topic.in_((EVERY, *topics)))
    return query.where(is_in_language(table.language, wanted.languages)) if wanted.languages else query


def _feed_sums(wanted: CountRequest, span: Span) -> Select[Any]:
    """Sum up how feeds were watched: every feed by its common days, single ones by their months and days."""
    is_single = bool(wanted.feeds) or wanted.by in _BY_FEEDS
    if is_single and not span.is_months:
        feed, day, amounts = FeedDay.feed_id, FeedDay.day, [_once(getattr(FeedDay, name)) for name in DAY_SUMS]
    else:
        feed, day, amounts = FeedSum.feeds, FeedSum.begins, [getattr(FeedSum, name) for name in DAY_SUMS]
    query = _grouped({feed: wanted.by in _BY_FEEDS, day: wanted.by in PERIODS}, amounts).where(*span.within(day))
    if wanted.feeds:
        return query.where(feed.in_(wanted.feeds))
    return query.where(feed != EVERY if is_single else feed == EVERY)


def _grouped(dimensions: dict[Column[Any], bool], amounts: Iterable[Any]) -> Select[Any]:
    """Sum amounts up, apart for the dimensions that are wanted; the others read as nothing."""
    columns = [column if is_wanted else null() for column, is_wanted in dimensions.items()]
    kept = [column for column, is_wanted in dimensions.items() if is_wanted]
    # On PostgreSQL sums of BIGINT are NUMERIC; without a row to sum up there is none.
    summed = [cast(func.coalesce(func.sum(amount), 0), BigKey) for amount in amounts]
    return select(*columns, *summed).group_by(*kept) if kept else select(*columns, *summed)


def _once(amount: Column[int]) -> ColumnElement[int]:
    """Count a day once, however often something happened on it; each gap counts."""
    return amount if amount.name == "gaps" else case((amount > 0, 1), else_=0)

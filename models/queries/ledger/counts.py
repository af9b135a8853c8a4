"""How many stories there were, of how many, and how well the feeds were watched meanwhile. Read from the roll-up rows.

Days are days of UTC. A story counts on the day of its `sort_at`; a feed is asked on the day of the run.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum
from operator import add
from typing import Any, Final

from msgspec import Struct, field
from sqlalchemy import Column, ColumnElement, Connection, Select, and_, case, cast, func, literal, null, select

from models._sql.lists import is_one_of
from models.counting import DAY_SUMS, EVERY
from models.queries.filters import is_in_language
from models.queries.ledger.feed_sets import FeedSets
from models.queries.ledger.spans import Span, in_months
from models.storage.database import BigKey
from models.tables.counts import FeedDay, FeedSet, FeedSum, StoryCount, StoryMonth
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
        keys = sorted({*sums.published, *(() if wanted.by is CountBy.LANGUAGE else sums.watched)})
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
    watched: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(_nothing_watched))
    is_watched_together: bool = False  # what was asked has no topic and no language

    def row(self, at: str, topic: str, *, key: str, shown: str | None) -> CountRow:
        """Make the row of what stands at a key for a topic."""
        watched = self.watched.get(ALL_TOGETHER if self.is_watched_together else at) or _nothing_watched()
        return CountRow(
            key=key,
            topic=shown,
            stories=self.stories.get((at, topic), 0),
            published=self.published.get(at, 0),
            coverage=Coverage(**dict(zip(DAY_SUMS, watched, strict=True))),
        )


def _nothing_watched() -> list[int]:
    return [0] * len(DAY_SUMS)


def _read_sums(connection: Connection, wanted: CountRequest) -> _Sums:
    sums = _Sums(is_watched_together=wanted.by in (None, CountBy.TOPIC, CountBy.LANGUAGE))
    keys_of, spans = _keys_of(connection, wanted), _spans(wanted)
    # A list of rows each time: to ask for them one by one takes longer than to add them up.
    for query in _story_queries(connection, wanted, spans):
        for feeds, topic, day, language, stories, published in connection.execute(query).all():
            for key in keys_of(feeds, day, language):
                sums.stories[key, topic] += stories
                if topic == EVERY:
                    sums.published[key] += published
    for span in spans:
        for feed, day, *watched in connection.execute(_feed_sums(wanted, span)).all():
            for key in keys_of(feed, day, ""):
                sums.watched[key] = list(map(add, sums.watched[key], watched))
    return sums


def _spans(wanted: CountRequest) -> tuple[Span, ...]:
    """Choose what is read by month: all that is not asked for by parts of one."""
    if wanted.by in (CountBy.DAY, CountBy.WEEK):
        return (Span(wanted.since, wanted.until),)
    return in_months(wanted.since, wanted.until)


def _keys_of(connection: Connection, wanted: CountRequest) -> Callable[[str, date, str], Iterable[str]]:
    """Return what names the rows that a sum is part of, by its feeds, day and language."""
    if wanted.by in PERIODS:
        return lambda _feeds, day, _language: (period_of(wanted.by, day),)
    if wanted.by is CountBy.LANGUAGE:
        return lambda _feeds, _day, language: (language,)
    if wanted.by not in _BY_FEEDS:
        return lambda _feeds, _day, _language: (ALL_TOGETHER,)
    chosen = frozenset(wanted.feeds)
    if wanted.by is CountBy.FEED:
        return lambda feeds, _day, _language: _members(feeds, chosen)
    homes = connection.execute(select(Feed.id, Feed.country)).tuples()
    countries = {feed_id: country or UNKNOWN for feed_id, country in homes}
    return lambda feeds, _day, _language: {countries.get(one, UNKNOWN) for one in _members(feeds, chosen)}


def _members(feeds: str, chosen: frozenset[str]) -> list[str]:
    """Return the feeds of a set, with a blank between; where some were chosen, those of them."""
    return [one for one in feeds.split(" ") if one in chosen] if chosen else feeds.split(" ")


def period_of(by: CountBy | None, day: date) -> str:
    """Return the period that a day belongs to: itself, the Monday of its week, its month."""
    if by is CountBy.MONTH:
        return f"{day.year:04}-{day.month:02}"
    return (day - timedelta(days=day.weekday()) if by is CountBy.WEEK else day).isoformat()


def _story_queries(connection: Connection, wanted: CountRequest, spans: Sequence[Span]) -> Iterator[Select[Any]]:
    """Give what reads the sums: feeds, topic, day and language, where these are told apart, stories and published."""
    sets = FeedSets.read(connection).that_hold(wanted.feeds) if wanted.feeds else None
    if wanted.by not in _BY_FEEDS:
        names = None if sets is None else [*wanted.feeds, *sets]
        yield from (_sums_of(wanted, span, names) for span in spans)
        return
    feeds = wanted.feeds or (*connection.scalars(select(Feed.id)), "")
    yield from (_sums_of(wanted, span, feeds) for span in spans)
    if wanted == CountRequest(by=wanted.by):
        yield select(FeedSet.feeds, literal(EVERY), null(), null(), FeedSet.stories, FeedSet.published)
    else:
        yield from (_sums_of_sets(wanted, span, sets) for span in spans)


def _sums_of(wanted: CountRequest, span: Span, names: Sequence[str] | None) -> Select[Any]:
    """Sum up what stands under these names of feeds; None: under that of every feed."""
    by, table = wanted.by, _table_of(span)
    dimensions: dict[Column[Any], bool] = {
        table.feeds: by in _BY_FEEDS,
        table.topic: True,
        _day_of(table): by in PERIODS,
        table.language: by is CountBy.LANGUAGE,
    }
    query = _grouped(dimensions, (table.stories, table.published)).where(*_met(wanted, span))
    # As one parameter: there may be more sets of feeds than a statement may have of them.
    return query.where(table.feeds == EVERY if names is None else is_one_of(table.feeds, "names", names))


def _sums_of_sets(wanted: CountRequest, span: Span, names: Sequence[str] | None) -> Select[Any]:
    """Sum up what stands under each set of feeds, told by its feeds; None: under all sets."""
    table = _table_of(span)
    query = select(FeedSet.feeds, table.topic, null(), null(), *_summed((table.stories, table.published)))
    # From outside: so SQLite goes through the sets and finds the sums of each. The other way it reads all sums.
    query = query.join(table, and_(table.feeds == FeedSet.name, *_met(wanted, span)), isouter=True)
    query = query.group_by(FeedSet.name, table.topic).having(func.count(table.topic) > 0)
    return query if names is None else query.where(is_one_of(FeedSet.name, "names", names))


def _table_of(span: Span) -> type[StoryMonth] | type[StoryCount]:
    return StoryMonth if span.is_months else StoryCount


def _day_of(table: type[StoryMonth] | type[StoryCount]) -> Column[date]:
    return table.month if issubclass(table, StoryMonth) else table.day


def _met(wanted: CountRequest, span: Span) -> Iterator[ColumnElement[bool]]:
    """Give what a sum must meet, whichever feeds it is of."""
    table = _table_of(span)
    yield from span.within(_day_of(table))
    if wanted.topics or wanted.by is not CountBy.TOPIC:
        yield table.topic.in_((EVERY, *wanted.topics))
    if wanted.languages:
        yield is_in_language(table.language, wanted.languages)


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
    query = select(*columns, *_summed(amounts))
    return query.group_by(*kept) if kept else query


def _summed(amounts: Iterable[Any]) -> list[ColumnElement[int]]:
    # On PostgreSQL sums of BIGINT are NUMERIC; without a row to sum up there is none.
    return [cast(func.coalesce(func.sum(amount), 0), BigKey) for amount in amounts]


def _once(amount: Column[int]) -> ColumnElement[int]:
    """Count a day once, however often something happened on it; each gap counts."""
    return amount if amount.name == "gaps" else case((amount > 0, 1), else_=0)

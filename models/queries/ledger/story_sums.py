"""What is counted, and the sums of stories that tell it: of whole months where these are asked for, else of days."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum
from itertools import chain
from typing import Any, Final

from msgspec import Struct, field
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from models._sql.lists import is_one_of
from models.counting import EVERY
from models.queries.filters import is_in_language
from models.queries.ledger.spans import Span, in_months
from models.storage.database import BigKey
from models.tables.counts import FeedSet, StoryCount, StoryMonth
from models.tables.feeds import Feed
from models.tables.labels import TopicRow

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
_ROWS_AT_ONCE: Final = 250  # each of them two objects; from 700 on the collector begins
BY_FEEDS: Final = (CountBy.FEED, CountBy.COUNTRY)


class CountRequest(Struct, frozen=True, kw_only=True):
    """What is to be counted, and what there is a row for."""

    by: CountBy | None = None  # None: for all of it together
    topics: tuple[str, ...] = ()  # each has rows of its own: a story of two topics is in both
    feeds: tuple[str, ...] = ()  # shown by any of them, counted once
    languages: tuple[str, ...] = ()  # in any of them, each with its regions
    since: date | None = None  # this day included
    until: date | None = None  # this day included


class StorySums(Struct):
    """How many stories there are by key; of those about climate, for each topic."""

    stories: defaultdict[str, defaultdict[str, int]] = field(default_factory=lambda: defaultdict(_counter))
    published: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))  # whatever they are about


def _counter() -> defaultdict[str, int]:
    return defaultdict(int)


def story_sums(connection: Connection, wanted: CountRequest) -> StorySums:
    """Add up what is kept; a key stands also where a sum is nothing."""
    sums, named = StorySums(), keys_of(connection, wanted)
    for query in _queries(connection, wanted, spans_of(wanted)):
        for feeds, topic, day, language, stories, published in rows_of(connection, query):
            for key in named(feeds, day, language):
                sums.stories[topic][key] += stories
                if topic == EVERY:
                    sums.published[key] += published
    return sums


def rows_of(connection: Connection, query: Select[Any]) -> Iterator[Row[Any]]:
    """Read some rows at a time: to ask for them one by one takes longer than to add them up.

    Of all rows at once Python's collector would go through all objects there are, which takes longer still.
    """
    return chain.from_iterable(connection.execute(query).partitions(_ROWS_AT_ONCE))


def spans_of(wanted: CountRequest) -> tuple[Span, ...]:
    """Choose what is read by month: all that is not asked for by parts of one."""
    if wanted.by in (CountBy.DAY, CountBy.WEEK):
        return (Span(wanted.since, wanted.until),)
    return in_months(wanted.since, wanted.until)


def keys_of(connection: Connection, wanted: CountRequest) -> Callable[[str, date, str], Iterable[str]]:
    """Return what names the rows that a sum is part of, by its feeds, day and language."""
    if wanted.by in PERIODS:
        return lambda _feeds, day, _language: (_period_of(wanted.by, day),)
    if wanted.by is CountBy.LANGUAGE:
        return lambda _feeds, _day, language: (language,)
    if wanted.by not in BY_FEEDS:
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


def _period_of(by: CountBy | None, day: date) -> str:
    """Return the period that a day belongs to: itself, the Monday of its week, its month."""
    if by is CountBy.MONTH:
        return f"{day.year:04}-{day.month:02}"
    return (day - timedelta(days=day.weekday()) if by is CountBy.WEEK else day).isoformat()


def _queries(connection: Connection, wanted: CountRequest, spans: Sequence[Span]) -> Iterator[Select[Any]]:
    """Give what reads the sums: feeds, topic, day and language, where these are told apart, stories and published."""
    sets = _sets_that_hold(connection, wanted.feeds) if wanted.feeds else None
    if wanted.by not in BY_FEEDS:
        names = None if sets is None else [*wanted.feeds, *sets]
        yield from (_sums_of(wanted, span, names) for span in spans)
        return
    feeds = wanted.feeds or (*connection.scalars(select(Feed.id)), "")
    yield from (_sums_of(wanted, span, feeds) for span in spans)
    if wanted == CountRequest(by=wanted.by):
        yield select(FeedSet.feeds, literal(EVERY), null(), null(), FeedSet.stories, FeedSet.published)
    else:
        yield from (_sums_of_sets(wanted, span, sets) for span in spans)


def _sets_that_hold(connection: Connection, feeds: Iterable[str]) -> list[str]:
    """Return the names of the sets that have any of these feeds."""
    chosen = frozenset(feeds)
    sets = connection.execute(select(FeedSet.name, FeedSet.feeds)).tuples().all()
    return [name for name, ids in sets if not chosen.isdisjoint(ids.split(" "))]


def _sums_of(wanted: CountRequest, span: Span, names: Sequence[str] | None) -> Select[Any]:
    """Sum up what stands under these names of feeds; None: under that of every feed."""
    by, table = wanted.by, _table_of(span)
    dimensions: dict[Column[Any], bool] = {
        table.feeds: by in BY_FEEDS,
        table.topic: True,
        _day_of(table): by in PERIODS,
        table.language: by is CountBy.LANGUAGE,
    }
    query = grouped(dimensions, (table.stories, table.published)).where(*_met(wanted, span))
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
    else:  # each by its name: so some days of it are found without reading all
        yield table.topic.in_(union_all(select(literal(EVERY)), select(TopicRow.id)))
    if wanted.languages:
        yield is_in_language(table.language, wanted.languages)


def grouped(dimensions: dict[Column[Any], bool], amounts: Iterable[Any]) -> Select[Any]:
    """Sum amounts up, apart for the dimensions that are wanted; the others read as nothing."""
    columns = [column if is_wanted else null() for column, is_wanted in dimensions.items()]
    kept = [column for column, is_wanted in dimensions.items() if is_wanted]
    query = select(*columns, *_summed(amounts))
    return query.group_by(*kept) if kept else query


def _summed(amounts: Iterable[Any]) -> list[ColumnElement[int]]:
    # On PostgreSQL sums of BIGINT are NUMERIC; without a row to sum up there is none.
    return [cast(func.coalesce(func.sum(amount), 0), BigKey) for amount in amounts]

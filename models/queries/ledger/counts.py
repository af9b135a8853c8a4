"""How many stories there were, of how many, and how well the feeds were watched meanwhile. Read from the roll-up rows.

Days are days of UTC. A story counts on the day of its `sort_at`; a feed is asked on the day of the run.
"""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, Connection, Select, case, select

from models.counting import DAY_SUMS, EVERY
from models.queries.ledger.spans import Span
from models.queries.ledger.story_sums import (
    ALL_TOGETHER,
    BY_FEEDS,
    PERIODS,
    UNKNOWN,
    StorySums,
    grouped,
    keys_of,
    rows_of,
    spans_of,
    story_sums,
)
from models.queries.ledger.story_sums import CountBy as CountBy
from models.queries.ledger.story_sums import CountRequest as CountRequest
from models.tables.counts import FeedDay, FeedSum, StoryMonth

_TOGETHER: Final = (None, CountBy.TOPIC, CountBy.LANGUAGE)  # what was asked has no topic and no language


class Coverage(Struct, frozen=True, kw_only=True, gc=False):
    """How well feeds were watched. The unit is a feed on a day, however often it was asked that day."""

    asked: int = 0
    answered: int = 0
    resting: int = 0  # not asked, as it was dormant or gone
    gaps: int = 0  # times that entries had come and gone between two nights

    def __add__(self, other: "Coverage") -> "Coverage":
        """Put what other feeds, or other days, add beside it."""
        return Coverage(
            asked=self.asked + other.asked,
            answered=self.answered + other.answered,
            resting=self.resting + other.resting,
            gaps=self.gaps + other.gaps,
        )


_UNWATCHED: Final = Coverage()


class CountRow(Struct, frozen=True, kw_only=True, gc=False):  # of each day one: the collector leaves them alone
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
    sums = _Sums(story_sums(connection, wanted), _watched(connection, wanted), wanted)
    if wanted.by is CountBy.TOPIC:
        topics = sorted(topic for topic in sums.read.stories if topic != EVERY)
        rows = [sums.row(ALL_TOGETHER, topic, key=topic, shown=None) for topic in topics]
    else:
        keys = sorted({*sums.read.published, *(() if wanted.by is CountBy.LANGUAGE else sums.watched)})
        rows = [
            sums.row(key, topic or EVERY, key=key, shown=topic) for key in keys for topic in wanted.topics or (None,)
        ]
    return rows if wanted.by in PERIODS else sorted(rows, key=lambda row: (-row.stories, -row.published, row.key))


def language_tags(connection: Connection) -> list[str]:
    """Return the tag of every language that the archive has an entry in, whatever that is about."""
    every = (StoryMonth.feeds == EVERY, StoryMonth.topic == EVERY, StoryMonth.language != UNKNOWN)
    query = select(StoryMonth.language).where(*every, StoryMonth.published > 0).distinct()
    return list(connection.scalars(query.order_by(StoryMonth.language)))


class _Sums(Struct, frozen=True):
    """What was read."""

    read: StorySums
    watched: Mapping[str, Coverage]  # by key
    wanted: CountRequest

    def row(self, at: str, topic: str, *, key: str, shown: str | None) -> CountRow:
        """Make the row of what stands at a key for a topic."""
        return CountRow(
            key=key,
            topic=shown,
            stories=self.read.stories[topic].get(at, 0),
            published=self.read.published.get(at, 0),
            coverage=self.watched.get(ALL_TOGETHER if self.wanted.by in _TOGETHER else at, _UNWATCHED),
        )


def _watched(connection: Connection, wanted: CountRequest) -> Mapping[str, Coverage]:
    sums: dict[str, Coverage] = {}
    named = keys_of(connection, wanted)
    for span in spans_of(wanted):
        for feed, day, asked, answered, gaps, resting in rows_of(connection, _feed_sums(wanted, span)):
            watched = Coverage(asked=asked, answered=answered, gaps=gaps, resting=resting)
            for key in named(feed, day, ""):
                sums[key] = sums[key] + watched if key in sums else watched
    return sums


def _feed_sums(wanted: CountRequest, span: Span) -> Select[Any]:
    """Sum up how feeds were watched: every feed by its common days, single ones by their months and days."""
    is_single = bool(wanted.feeds) or wanted.by in BY_FEEDS
    if is_single and not span.is_months:
        feed, day, amounts = FeedDay.feed_id, FeedDay.day, [_once(getattr(FeedDay, name)) for name in DAY_SUMS]
    else:
        feed, day, amounts = FeedSum.feeds, FeedSum.begins, [getattr(FeedSum, name) for name in DAY_SUMS]
    query = grouped({feed: wanted.by in BY_FEEDS, day: wanted.by in PERIODS}, amounts).where(*span.within(day))
    if wanted.feeds:
        return query.where(feed.in_(wanted.feeds))
    return query.where(feed != EVERY if is_single else feed == EVERY)


def _once(amount: Column[int]) -> ColumnElement[int]:
    """Count a day once, however often something happened on it; each gap counts."""
    return amount if amount.name == "gaps" else case((amount > 0, 1), else_=0)

"""How many stories about climate there are of each kind, read from the roll-up rows and not from the stories."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection

from models.counting import EVERY
from models.queries.filters import StoryFilter
from models.queries.ledger.story_sums import ALL_TOGETHER, CountBy, CountRequest, story_sums

_ALL: Final = CountRequest()
_DAY: Final = timedelta(days=1)


def narrowing_of(wanted: StoryFilter) -> CountRequest | None:
    """Return a filter of stories as the sums know it; None where they do not."""
    kept = StoryFilter(
        topics=wanted.topics, feeds=wanted.feeds, languages=wanted.languages, since=wanted.since, until=wanted.until
    )
    moments = (wanted.since, wanted.until)
    # A story of two topics stands in the sums of both.
    if wanted != kept or len(wanted.topics) > 1 or not all(map(_begins_a_day, moments)):
        return None
    since, until = (None if moment is None else moment.astimezone(UTC).date() for moment in moments)
    return CountRequest(
        topics=wanted.topics,
        feeds=wanted.feeds,
        languages=wanted.languages,
        since=since,
        until=None if until is None else until - _DAY,
    )


def stories_by_feed(connection: Connection, within: CountRequest = _ALL) -> Counter[str]:
    """Count the stories that each feed shows or showed; one that several show counts for each."""
    return _by_key(connection, replace(within, by=CountBy.FEED, feeds=()))


def stories_by_topic(connection: Connection, within: CountRequest = _ALL) -> Counter[str]:
    """Count the stories that have each topic; one of several topics counts for each."""
    sums = story_sums(connection, replace(within, by=CountBy.TOPIC, topics=()))
    counted = {topic: by_key[ALL_TOGETHER] for topic, by_key in sums.stories.items() if topic != EVERY}
    return Counter({topic: count for topic, count in counted.items() if count})


def stories_by_language(connection: Connection, within: CountRequest = _ALL) -> Counter[str]:
    """Count the stories by the tag of their language, "" where it is not known."""
    return _by_key(connection, replace(within, by=CountBy.LANGUAGE, languages=()))


def stories_by_day(connection: Connection, within: CountRequest = _ALL) -> Counter[date]:
    """Count the stories by their day of UTC."""
    days = _by_key(connection, replace(within, by=CountBy.DAY))
    return Counter({date.fromisoformat(day): count for day, count in days.items()})


def stories_and_entries(connection: Connection) -> tuple[int, int]:
    """Count the stories, and all that are read, whatever they are about."""
    sums = story_sums(connection, _ALL)
    return sums.stories[EVERY][ALL_TOGETHER], sums.published[ALL_TOGETHER]


def _begins_a_day(moment: datetime | None) -> bool:
    return moment is None or moment.astimezone(UTC).time() == time.min


def _by_key(connection: Connection, wanted: CountRequest) -> Counter[str]:
    """Count by what is asked for, of the one topic that is named; a key that lost its last story is left out."""
    topic = wanted.topics[0] if wanted.topics else EVERY
    counted = story_sums(connection, wanted).stories[topic]
    return Counter({key: count for key, count in counted.items() if count})

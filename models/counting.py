"""What the roll-up rows must hold, told from the rows that they sum up: for the writer, and for whoever checks it.

A story that is read (not withdrawn, not part of another) counts once under the set of all feeds that show it, and once
under EVERY; there once under EVERY for all topics together, and once under each topic that it has. So a count over any
choice of feeds is a plain sum. Days are days of UTC, by `stories.sort_at`. What a set has in a
month is the sum of its days.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple, TypeVar

from msgspec import Struct, field
from sqlalchemy import Connection, and_, bindparam, select

from models._sql.lists import is_one_of
from models.outlets import is_import
from models.reports import GAP, RESTING, FeedStatus
from models.storage.database import BATCH_ROWS, batches
from models.tables.keys import table_of
from models.tables.labels import StoryTopic
from models.tables.runs import FeedRun
from models.tables.stories import Sighting, Story

EVERY: Final = "*"  # every feed, every topic; no id of theirs has such a character
SUMS: Final = ("stories", "published")
DAY_SUMS: Final = ("asked", "answered", "gaps", "resting")
_GAPS: Final = DAY_SUMS.index("gaps")
_ANSWERED: Final = (FeedStatus.OK.value, FeedStatus.UNCHANGED.value)

FeedAndDay = tuple[str, date]
_Key = TypeVar("_Key")

_STORIES, _SIGHTINGS, _TOPICS = table_of(Story), table_of(Sighting), table_of(StoryTopic)
_COUNTED: Final = (
    select(
        _STORIES.c.id,
        _STORIES.c.sort_at,
        _STORIES.c.language,
        _STORIES.c.relevant_at,
        _SIGHTINGS.c.feed_id,
        _TOPICS.c.topic_id,
    )
    .join(_SIGHTINGS, _SIGHTINGS.c.story_id == _STORIES.c.id, isouter=True)
    .join(
        _TOPICS,
        and_(_TOPICS.c.classification_id == _STORIES.c.classification_id, _STORIES.c.relevant_at.is_not(None)),
        isouter=True,
    )
    .where(_STORIES.c.withdrawn_at.is_(None), _STORIES.c.merged_into.is_(None))
)
_BY_ID: Final = _COUNTED.where(is_one_of(_STORIES.c.id, "ids"))
_NEXT_IDS: Final = (
    select(_STORIES.c.id).where(_STORIES.c.id > bindparam("last")).order_by(_STORIES.c.id).limit(BATCH_ROWS)
)


class Cell(NamedTuple):
    """Which stories a roll-up row counts."""

    feeds: str  # EVERY, the id of the only feed, the name of a set of several, or "" where no feed shows it
    topic: str  # EVERY, or a topic's id
    day: date
    language: str  # "" where it is not known


def by_month(sums: Mapping[Cell, Sequence[int]]) -> dict[tuple[str, str, date, str], list[int]]:
    """Sum cells of days up by month; its first day stands for it."""
    months: defaultdict[tuple[str, str, date, str], list[int]] = defaultdict(lambda: [0] * len(SUMS))
    for (feeds, topic, day, language), (stories, published) in sums.items():
        month = months[feeds, topic, day.replace(day=1), language]
        month[0] += stories
        month[1] += published
    return months


class Tally(Struct):
    """Sums by cell, and the sets of several feeds that they name."""

    sums: defaultdict[Cell, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    sets: dict[str, str] = field(default_factory=dict)  # by name, the ids with a space between

    def count(self, connection: Connection, story_ids: Iterable[int], times: int = 1) -> None:
        """Count stories as they stand now; with -1, take them off."""
        for batch in batches(story_ids):
            self._add_rows(connection.execute(_BY_ID, {"ids": batch}).all(), times)

    def _add_rows(self, rows: Iterable[Any], times: int) -> None:
        met: dict[int, _Counted] = {}
        for story_id, sort_at, language, relevant_at, feed, topic in rows:
            if (story := met.get(story_id)) is None:
                story = met[story_id] = _Counted(sort_at, language or "", is_relevant=relevant_at is not None)
            if feed is not None:
                story.feeds.add(feed)
            if topic is not None:
                story.topics.add(topic)
        for story in met.values():
            self._add(story, times)

    def _add(self, story: "_Counted", times: int) -> None:
        day = day_of(story.sort_at)
        for feeds in (EVERY, self._name_of(story.feeds)):
            sums = self.sums[Cell(feeds, EVERY, day, story.language)]
            sums[0] += times * story.is_relevant
            sums[1] += times
            for topic in story.topics:
                self.sums[Cell(feeds, topic, day, story.language)][0] += times

    def _name_of(self, feeds: set[str]) -> str:
        if len(feeds) < 2:
            return next(iter(feeds), "")
        ids = " ".join(sorted(feeds))
        name = f"+{hashlib.sha256(ids.encode()).hexdigest()[:16]}"
        self.sets[name] = ids
        return name


def by_set(tally: Tally) -> dict[tuple[str, str], list[int]]:
    """Sum up what a tally has of all topics under each set of several feeds, by its name and its feeds."""
    sums = {name: [0] * len(SUMS) for name in tally.sets}
    for cell, (stories, published) in tally.sums.items():
        if cell.topic == EVERY and (of_set := sums.get(cell.feeds)) is not None:
            of_set[0] += stories
            of_set[1] += published
    return {(name, tally.sets[name]): amounts for name, amounts in sums.items()}


class _Counted(Struct):
    sort_at: datetime
    language: str
    is_relevant: bool
    feeds: set[str] = field(default_factory=set)
    topics: set[str] = field(default_factory=set)


def _add_to(sums: dict[_Key, list[int]], key: _Key, amounts: Sequence[int]) -> None:
    sums[key] = [one + other for one, other in zip(sums.get(key, [0] * len(amounts)), amounts, strict=True)]


def day_of(moment: datetime) -> date:
    """Return the day of a moment, in UTC."""
    return moment.astimezone(UTC).date()


def recounted(connection: Connection) -> Tally:
    """Count every story anew; holds a sum for each cell, never the stories."""
    tally, last = Tally(), 0
    while ids := connection.scalars(_NEXT_IDS, {"last": last}).all():
        tally.count(connection, ids)
        last = ids[-1]
    return tally


def sums_of_outcome(row: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """Return what a row of the ledger adds to its feed's day, as DAY_SUMS names it.

    Work on stored bytes asked nobody: its rows have no attempts. What is handed in is no feed to ask.
    """
    if is_import(row["feed_id"]):
        return 0, 0, 0, 0
    is_asked = row["attempts"] > 0 or row["status"] == FeedStatus.FAILED.value
    is_answered = is_asked and row["status"] in _ANSWERED
    gaps = sum(one.startswith(GAP) for one in row["warnings"])
    is_resting = row["status"] == FeedStatus.SKIPPED.value and (row["reason"] or "").startswith(RESTING)
    return int(is_asked), int(is_answered), gaps, int(is_resting)


def summed_days(
    days: Iterable[tuple[FeedAndDay, Sequence[int], Sequence[int]]],
) -> dict[FeedAndDay, list[int]]:
    """Return what feeds' days, each with its sums before and after, add to the months of each feed and to EVERY's days.

    There a feed counts once a day, however often something happened on it; gaps are all counted.
    """
    sums: dict[FeedAndDay, list[int]] = {}
    for (feed, day), before, after in days:
        added = [(new > 0) - (old > 0) for old, new in zip(before, after, strict=True)]
        added[_GAPS] = after[_GAPS] - before[_GAPS]
        _add_to(sums, (feed, day.replace(day=1)), added)
        _add_to(sums, (EVERY, day), added)
    return sums


def recounted_days(connection: Connection) -> dict[FeedAndDay, list[int]]:
    """Sum up the whole ledger anew, by feed and day."""
    columns = ("feed_id", "finished_at", "status", "reason", "attempts", "warnings")
    sums: dict[FeedAndDay, list[int]] = {}
    for row in _streamed(connection, columns):
        day = sums.setdefault((row["feed_id"], day_of(row["finished_at"])), [0] * len(DAY_SUMS))
        for at, amount in enumerate(sums_of_outcome(row)):
            day[at] += amount
    return {key: amounts for key, amounts in sums.items() if any(amounts)}


def _streamed(connection: Connection, columns: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    query = select(*(getattr(FeedRun, name) for name in columns)).execution_options(yield_per=BATCH_ROWS)
    with connection.execute(query) as rows:
        yield from map(dict, rows.mappings())

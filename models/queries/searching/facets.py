"""What a search could be narrowed to, and how many stories each choice would leave; when its stories were published."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, Select, String, func, literal_column, select, type_coerce

from models.queries.filters import StoryFilter
from models.queries.ledger.feeds import feed_names, topic_names
from models.queries.ledger.story_sums import CountRequest
from models.queries.ledger.totals import (
    narrowing_of,
    stories_by_day,
    stories_by_feed,
    stories_by_language,
    stories_by_topic,
)
from models.queries.searching.search import SearchRequest, count_found, narrowed
from models.tables.feeds import Feed
from models.tables.labels import StoryTopic, TopicRow
from models.tables.stories import Sighting, Story

_UTC: Final = ("UTC", "Etc/UTC")  # whose days are those of the sums
_HOUR: Final = "%Y-%m-%dT%H"


class Facet(Struct, frozen=True, kw_only=True):
    """One choice, with the number of stories that are wanted and have it."""

    value: str
    name: str
    count: int


class Facets(Struct, frozen=True, kw_only=True):
    """The choices of a search. Each list is counted without what was chosen from it: its choices add up."""

    topics: tuple[Facet, ...]
    feeds: tuple[Facet, ...]
    languages: tuple[Facet, ...]  # without their regions
    corrected: int  # that were revised
    near_misses: int  # turned away, near the gate
    needs_review: int


def facets(connection: Connection, wanted: SearchRequest) -> Facets:
    """Count the choices of a search, the most frequent first."""
    return Facets(
        topics=_topics(connection, _without(wanted, topics=())),
        feeds=_feeds(connection, _without(wanted, feeds=())),
        languages=language_facets(connection, _without(wanted, languages=())),
        corrected=count_found(connection, _without(wanted, corrected=True)),
        near_misses=count_found(connection, _without(wanted, near_misses=True, include_off_topic=False)),
        needs_review=count_found(connection, _without(wanted, needs_review=True)),
    )


def days_of(connection: Connection, wanted: SearchRequest, zone: ZoneInfo) -> dict[date, int]:
    """Count the stories of a search by the day, in a time zone, that its dates mean; days without any are left out."""
    if (within := _summed(wanted)) is not None and zone.key in _UTC:
        return dict(sorted(stories_by_day(connection, within).items()))
    hour = _hour_of(connection)
    query = narrowed(connection, select(hour.label("hour"), func.count().label("stories")), wanted).group_by(hour)
    counted: Counter[date] = Counter()
    for text, count in connection.execute(query).tuples():
        counted[datetime.strptime(text, _HOUR).replace(tzinfo=UTC).astimezone(zone).date()] += count
    return dict(sorted(counted.items()))


def _hour_of(connection: Connection) -> ColumnElement[str]:
    """Return the hour of a story's date in UTC, as text."""
    if connection.dialect.name == "sqlite":
        return func.substr(type_coerce(Story.sort_at, String), 1, len("2026-07-14T04"))
    # Bound, the same pattern would be another expression in GROUP BY.
    return func.to_char(func.timezone(literal_column("'UTC'"), Story.sort_at), literal_column("'YYYY-MM-DD\"T\"HH24'"))


def _without(wanted: SearchRequest, **changed: Any) -> SearchRequest:  # noqa: ANN401 (fields of a StoryFilter)
    narrowing: StoryFilter = replace(wanted.filter, **changed)
    return replace(wanted, filter=narrowing, after=None)


def _summed(wanted: SearchRequest) -> CountRequest | None:
    """Return what the kept sums can tell of a search; None where its stories must be counted."""
    return narrowing_of(wanted.filter) if wanted.query is None else None


def _ids(connection: Connection, wanted: SearchRequest) -> Select[Any]:
    return narrowed(connection, select(Story.id, Story.classification_id), wanted)


def _topics(connection: Connection, wanted: SearchRequest) -> tuple[Facet, ...]:
    if (within := _summed(wanted)) is not None:
        return _with_names(stories_by_topic(connection, within), topic_names(connection))
    found = _ids(connection, wanted).subquery("found")
    having = select(StoryTopic.topic_id.label("value"), func.count().label("stories"))
    having = having.join(found, found.c.classification_id == StoryTopic.classification_id)
    return _named(connection, having.group_by(StoryTopic.topic_id), TopicRow)


def _feeds(connection: Connection, wanted: SearchRequest) -> tuple[Facet, ...]:
    if (within := _summed(wanted)) is not None:
        return _with_names(stories_by_feed(connection, within), feed_names(connection))
    found = _ids(connection, wanted).subquery("found")
    having = select(Sighting.feed_id.label("value"), func.count().label("stories"))
    having = having.join(found, found.c.id == Sighting.story_id)
    return _named(connection, having.group_by(Sighting.feed_id), Feed)


def _named(connection: Connection, having: Select[Any], kind: type[TopicRow | Feed]) -> tuple[Facet, ...]:
    """Return choices with their names, which are looked up for each choice and not for each story."""
    counts = having.subquery("counts")
    query = select(counts.c.value, kind.name, counts.c.stories).join(kind, kind.id == counts.c.value)
    rows = connection.execute(query.order_by(counts.c.stories.desc(), counts.c.value))
    return tuple(Facet(value=value, name=name, count=count) for value, name, count in rows)


def _with_names(counts: Counter[str], names: dict[str, str]) -> tuple[Facet, ...]:
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Facet(value=value, name=names[value], count=count) for value, count in ordered if value in names)


def language_facets(connection: Connection, wanted: SearchRequest) -> tuple[Facet, ...]:
    """Count the languages of a search, without their regions, the most frequent first."""
    counted: Counter[str] = Counter()
    for tag, count in _by_tag(connection, wanted):
        if tag:
            counted[tag.partition("-")[0].lower()] += count
    return tuple(Facet(value=tag, name=tag, count=count) for tag, count in counted.most_common())


def _by_tag(connection: Connection, wanted: SearchRequest) -> Iterable[tuple[str | None, int]]:
    if (within := _summed(wanted)) is not None:
        return stories_by_language(connection, within).items()
    query = narrowed(connection, select(Story.language, func.count()), wanted).group_by(Story.language)
    return connection.execute(query).tuples()

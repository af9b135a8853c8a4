"""Conditions on lists of stories. Merged and withdrawn ones are never read; those not about climate only when asked."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Column, ColumnElement, Connection, Integer, and_, exists, func, literal_column, null, or_, select

from models.changes import DateMeaning
from models.stages import NEAR_MISS
from models.tables.conventions import alias_of
from models.tables.labels import ClassificationRow, StoryTopic
from models.tables.stories import Sighting, Story


class StoryFilter(Struct, frozen=True, kw_only=True):
    """What a list of stories is narrowed to; as it is by default, to all that are about climate."""

    topics: tuple[str, ...] = ()  # with any of them; none: with whichever
    feeds: tuple[str, ...] = ()  # shown by any of them; none: by whichever
    since: datetime | None = None  # this moment included
    until: datetime | None = None  # this moment excluded
    by: DateMeaning = DateMeaning.PUBLISHED  # what those two are compared with
    include_off_topic: bool = False
    needs_review: bool = False  # only those whose labels a person should look at
    near_misses: bool = False  # only those not about climate that came near the gate
    languages: tuple[str, ...] = ()  # in any of them, each with its regions; none: in whichever
    corrected: bool = False  # only those whose text was revised after it was first seen
    unique: bool = False  # of copies of one text only the earliest that meets all this


_REVISED: Final[type[Story]] = alias_of(Story)
# Few among all stories, and found first, by an index that holds just these: a bound number would hide that from SQLite.
_CORRECTED: Final = select(_REVISED.id).where(_REVISED.revisions > literal_column("0", Integer))


def conditions(wanted: StoryFilter, story: type[Story] = Story) -> list[ColumnElement[bool]]:
    """Return what a story's row must meet."""
    met = [*_of_row(wanted, story), *_of_others(wanted, story)]
    if wanted.unique:
        met.append(_is_first(replace(wanted, unique=False)))
    return met


def _of_row(wanted: StoryFilter, story: type[Story]) -> Iterator[ColumnElement[bool]]:
    yield from (story.merged_into.is_(None), story.withdrawn_at.is_(None))
    if wanted.near_misses:
        yield story.relevant_at.is_(None)
    elif not wanted.include_off_topic:
        yield story.relevant_at.is_not(None)
    dated = story.first_seen_at if wanted.by is DateMeaning.SEEN else story.sort_at
    if wanted.since is not None:
        yield dated >= wanted.since
    if wanted.until is not None:
        yield dated < wanted.until
    if wanted.languages:
        yield is_in_language(story.language, wanted.languages)
    if wanted.corrected:
        yield story.id.in_(_CORRECTED)


def _of_others(wanted: StoryFilter, story: type[Story]) -> Iterator[ColumnElement[bool]]:
    """Give what the rows of its labels and feeds must meet."""
    if wanted.near_misses:
        yield _some(_is_near_miss(story), story)
    if wanted.topics:
        is_it = (StoryTopic.classification_id == story.classification_id) & StoryTopic.topic_id.in_(wanted.topics)
        yield _some(is_it, story)
    if wanted.feeds:
        yield _some((Sighting.story_id == story.id) & Sighting.feed_id.in_(wanted.feeds), story)
    if wanted.needs_review:
        # They are few among all labels that ever were, and found first.
        yield story.id.in_(select(ClassificationRow.story_id).where(ClassificationRow.needs_review))
        yield _some((ClassificationRow.id == story.classification_id) & ClassificationRow.needs_review, story)


def _is_first(wanted: StoryFilter) -> ColumnElement[bool]:
    """Tell whether no earlier copy of a story's text meets the filter."""
    other = alias_of(Story)
    is_earlier = or_(other.sort_at < Story.sort_at, and_(other.sort_at == Story.sort_at, other.id < Story.id))
    earlier = select(other.id).where(other.cluster_id == Story.cluster_id, is_earlier, *conditions(wanted, other))
    return ~earlier.correlate(Story).exists()


def is_in_language(column: Column[Any], languages: Iterable[str]) -> ColumnElement[bool]:
    """Tell whether a tag is of any of some languages, each with its regions."""
    tag, wanted = func.lower(column), [language.lower() for language in languages]
    return or_(tag.in_(wanted), *(tag.startswith(f"{language}-", autoescape=True) for language in wanted))


def count_stories(connection: Connection, wanted: StoryFilter) -> int:
    """Count the stories that meet a filter."""
    return connection.scalar(select(func.count()).select_from(Story).where(*conditions(wanted))) or 0


def _is_near_miss(story: type[Story]) -> ColumnElement[bool]:
    judged = ClassificationRow.id == story.classification_id
    return judged & (ClassificationRow.relevance >= NEAR_MISS) & (ClassificationRow.origin == "auto")


def _some(condition: ColumnElement[bool], story: type[Story]) -> ColumnElement[bool]:
    # Tied to the story alone, whatever else the query around it joins.
    return exists(select(null()).where(condition).correlate(story))

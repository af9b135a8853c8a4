"""Conditions on lists of stories. Merged and withdrawn ones are never read; those not about climate only when asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, func, null, or_, select

from models.changes import DateMeaning
from models.stages import NEAR_MISS
from models.tables import ClassificationRow, Sighting, Story, StoryTopic


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryFilter:
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


def conditions(wanted: StoryFilter) -> list[ColumnElement[bool]]:
    """Return what a story's row must meet."""
    met: list[ColumnElement[bool]] = [Story.merged_into.is_(None), Story.withdrawn_at.is_(None)]
    if wanted.near_misses:
        met += [Story.relevant_at.is_(None), _some(_is_near_miss())]
    elif not wanted.include_off_topic:
        met.append(Story.relevant_at.is_not(None))
    dated = Story.first_seen_at if wanted.by is DateMeaning.SEEN else Story.sort_at
    if wanted.since is not None:
        met.append(dated >= wanted.since)
    if wanted.until is not None:
        met.append(dated < wanted.until)
    return [*met, *_choices(wanted)]


def _choices(wanted: StoryFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.topics:
        is_it = (StoryTopic.classification_id == Story.classification_id) & StoryTopic.topic_id.in_(wanted.topics)
        yield _some(is_it)
    if wanted.feeds:
        is_shown = (Sighting.story_id == Story.id) & Sighting.feed_id.in_(wanted.feeds)
        yield _some(is_shown)
    if wanted.languages:
        yield or_(*(_is_in(language) for language in wanted.languages))
    if wanted.corrected:
        yield Story.revisions > 0
    if wanted.needs_review:
        is_doubtful = (ClassificationRow.id == Story.classification_id) & ClassificationRow.needs_review
        yield _some(is_doubtful)


def count_stories(connection: Connection, wanted: StoryFilter) -> int:
    """Count the stories that meet a filter."""
    return connection.scalar(select(func.count()).select_from(Story).where(*conditions(wanted))) or 0


def _is_in(language: str) -> ColumnElement[bool]:
    tag = func.lower(Story.language)
    return or_(tag == language.lower(), tag.startswith(f"{language.lower()}-", autoescape=True))


def _is_near_miss() -> ColumnElement[bool]:
    judged = ClassificationRow.id == Story.classification_id
    return judged & (ClassificationRow.relevance >= NEAR_MISS) & (ClassificationRow.origin == "auto")


def _some(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    # Tied to the story alone, whatever else the query around it joins.
    return exists(select(null()).where(condition).correlate(Story))

"""One story: found by any of its names, with its versions and the reasons for its labels."""

from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, ScalarResult, select

from models.errors import NotFound
from models.identity import KeyKind, KeyName
from models.queries.stories import StoryRecord, load_stories
from models.stages import Evidence, TopicScore
from models.tables.labels import ClassificationRow, StoryTopic
from models.tables.stories import Story, StoryKey, StoryVersion

_LONGEST_ID = 18  # digits, all of which fit into the key of a table


class Tombstone(Struct, frozen=True, kw_only=True):
    """What says that a story was withdrawn."""

    withdrawn_at: datetime
    reason: str


class VersionRecord(Struct, frozen=True, kw_only=True):
    """A story's text as it stood once."""

    id: int
    number: int
    reason: str
    source: str
    feed_id: str | None
    run_id: int
    created_at: datetime
    title: str
    text: str
    method: str
    confidence: float
    content_hash: str
    extractor_version: str


class Judgement(Struct, frozen=True, kw_only=True):
    """The current labels of a story, with the title and text that the evidence points into."""

    version: int  # the number of the version that was judged
    title: str
    text: str
    origin: str  # auto | hand
    classifier_version: str
    relevance: float
    is_relevant: bool
    needs_review: bool
    evidence: tuple[Evidence, ...]  # that the story is about climate
    topics: tuple[TopicScore, ...]


def find_story(connection: Connection, reference: str, url_key: str | None = None) -> int:
    """Return the id of the story that an id, a uid or a URL names; of a merged one, of the story it became part of.

    `url_key` is the canonical form of a reference that is a URL. Raise NotFound.
    """
    # What cannot be printed cannot be stored either: a NUL, half a surrogate pair.
    found = _named(connection, reference, url_key) if reference.isprintable() else None
    if found is None:
        raise NotFound(f'There is no story "{reference}" in this archive: give an id, a uid or a URL.')
    while (into := connection.scalar(select(Story.merged_into).where(Story.id == found))) is not None:
        found = into
    return found


def load_story(connection: Connection, story_id: int) -> StoryRecord:
    """Read one story. Raise NotFound where it was withdrawn, with the reason."""
    if tombstone := tombstone_of(connection, story_id):
        raise NotFound(f"Story {story_id} was withdrawn on {tombstone.withdrawn_at:%Y-%m-%d}: {tombstone.reason}")
    return load_stories(connection, [story_id])[0]


def tombstone_of(connection: Connection, story_id: int) -> Tombstone | None:
    """Read when and why a story was withdrawn; None where it was not. Raise NotFound where there is no such story."""
    row = connection.execute(
        select(Story.withdrawn_at, Story.withdrawn_reason).where(Story.id == story_id)
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no story {story_id} in this archive.")
    if row.withdrawn_at is None:
        return None
    return Tombstone(withdrawn_at=row.withdrawn_at, reason=row.withdrawn_reason or "")


def versions_of(connection: Connection, story_id: int) -> list[VersionRecord]:
    """Read all texts of a story, the oldest first."""
    columns = [getattr(StoryVersion, name) for name in VersionRecord.__struct_fields__]
    query = select(*columns).where(StoryVersion.story_id == story_id).order_by(StoryVersion.number)
    return [VersionRecord(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001 (SQLAlchemy's public name)


def judgement_of(connection: Connection, story_id: int) -> Judgement | None:
    """Read why a story has its labels; None where it was never judged."""
    row = connection.execute(
        select(ClassificationRow.__table__, StoryVersion.number, StoryVersion.title, StoryVersion.text)
        .join(Story, Story.classification_id == ClassificationRow.id)
        .join(StoryVersion, StoryVersion.id == ClassificationRow.version_id)
        .where(Story.id == story_id)
    ).one_or_none()
    if row is None:
        return None
    return Judgement(
        version=row.number,
        title=row.title,
        text=row.text,
        origin=row.origin,
        classifier_version=row.classifier_version,
        relevance=row.relevance,
        is_relevant=row.is_relevant,
        needs_review=row.needs_review,
        evidence=_evidence(row.evidence),
        topics=_topics(connection, row.id),
    )


def _named(connection: Connection, reference: str, url_key: str | None) -> int | None:
    if reference.isascii() and reference.isdecimal() and len(reference) <= _LONGEST_ID:
        by_id = connection.scalar(select(Story.id).where(Story.id == int(reference)))
        if by_id is not None:
            return by_id
    by_uid = connection.scalar(select(Story.id).where(Story.uid == reference.lower()))
    return by_uid if by_uid is not None else _with_url(connection, reference, url_key)


def _with_url(connection: Connection, url: str, url_key: str | None) -> int | None:
    """Prefer the story that shows this very address, among several the one that is about climate."""
    same = select(Story.id).where(Story.url == url).order_by(Story.relevant_at.is_(None), Story.id)
    found = _first(connection.scalars(same.limit(1)))
    if found is None and url_key is not None:
        name = KeyName.of(KeyKind.URL, "", url_key)
        named = select(StoryKey.story_id).where(StoryKey.kind == name.kind.value, StoryKey.scope == name.scope)
        found = connection.scalar(named.where(StoryKey.key == name.key))
    return found


def _first(rows: ScalarResult[int]) -> int | None:
    return rows.first()


def _topics(connection: Connection, classification_id: int) -> tuple[TopicScore, ...]:
    rows = connection.execute(
        select(StoryTopic.__table__)
        .where(StoryTopic.classification_id == classification_id)
        .order_by(StoryTopic.is_primary.desc(), StoryTopic.score.desc(), StoryTopic.topic_id)
    )
    return tuple(
        TopicScore(id=row.topic_id, score=row.score, primary=row.is_primary, evidence=_evidence(row.evidence))
        for row in rows
    )


def _evidence(stored: list[dict[str, Any]]) -> tuple[Evidence, ...]:
    return tuple(Evidence(**one) for one in stored)

"""Labels of stories that are already kept: by newer terms and weights, or by hand. Never a change of their texts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, func, null, select, update

from models._columns import columns_of
from models._keys import reserve_keys, table_of
from models.archive.stories import queue_for_search
from models.database import insert_rows
from models.stages import Classification, TopicScore
from models.tables import ClassificationRow, Story, StoryTopic, StoryVersion

_STORIES, _LABELS, _TOPICS = table_of(Story), table_of(ClassificationRow), table_of(StoryTopic)
BY_HAND = "hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which stories are to be labelled again; those labelled by hand never are."""

    since: datetime | None = None  # first seen from then on
    topic: str | None = None  # that they have now


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A story as it is labelled now, with the text to be judged."""

    story_id: int
    version_id: int
    title: str
    text: str
    tags: tuple[str, ...]
    is_admitted: bool
    topics: tuple[str, ...]  # the first one first
    score: float  # of the first
    has_new: bool  # a set of labels by the wanted version was written before


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLabels:
    """A judgement of a story's version."""

    story_id: int
    version_id: int
    classification: Classification
    origin: str = "auto"


def kept_after(connection: Connection, last: int, choice: Choice, version: str, count: int) -> list[Kept]:
    """Return the next stories in the order of their ids, at most `count`."""
    ready = _new_label_of(version)
    query = _chosen(choice).where(_STORIES.c.id > last).order_by(_STORIES.c.id).limit(count)
    rows = connection.execute(
        query.add_columns(
            StoryVersion.title, StoryVersion.text, _STORIES.c.tags, _STORIES.c.admitted_at, exists(ready).label("ready")
        )
    ).all()
    labels = _topics_of(connection, [row.classification_id for row in rows])
    return [
        Kept(
            story_id=row.id,
            version_id=row.version_id,
            title=row.title,
            text=row.text,
            tags=tuple(row.tags),
            is_admitted=row.admitted_at is not None,
            topics=tuple(topic for topic, _ in labels.get(row.classification_id, ())),
            score=next((score for _, score in labels.get(row.classification_id, ())), 0.0),
            has_new=row.ready,
        )
        for row in rows
    ]


def write_labels(connection: Connection, labels: Sequence[NewLabels], now: datetime) -> list[int]:
    """Write judgements beside the current ones, which stay current. Return their keys, in order."""
    keys = reserve_keys(connection, _LABELS, len(labels))
    insert_rows(connection, _LABELS, (_row(one, key, now) for one, key in zip(labels, keys, strict=True)))
    topics = (row for one, key in zip(labels, keys, strict=True) for row in _topic_rows(one.classification, key))
    insert_rows(connection, _TOPICS, topics)
    return keys


def switch(connection: Connection, choice: Choice, version: str, now: datetime) -> int:
    """Make the labels of a version the current ones of every chosen story, in one statement; return how many moved.

    A story that they find to be about climate is admitted; none is turned out.
    """
    chosen = _chosen(choice).with_only_columns(_STORIES.c.id)
    newest = select(func.max(_LABELS.c.id)).where(_is_new(version)).scalar_subquery()
    has_new = exists(_new_label_of(version))
    moved = update(_STORIES).where(_STORIES.c.id.in_(chosen), has_new).values(classification_id=newest)
    count = connection.execute(moved).rowcount
    about = exists(select(null()).where(_LABELS.c.id == _STORIES.c.classification_id, _LABELS.c.is_relevant))
    admitted = update(_STORIES).where(_STORIES.c.admitted_at.is_(None), _is_open(), has_new, about)
    ids = connection.scalars(admitted.values(admitted_at=now).returning(_STORIES.c.id)).all()
    queue_for_search(connection, ids, now)
    return count


def label_by_hand(
    connection: Connection, story_id: int, topics: Sequence[str], classifier_version: str, now: datetime
) -> None:
    """Make a person's topics the current labels of a story; no run overwrites them. None: it is not about climate."""
    version_id = connection.scalar(select(_STORIES.c.version_id).where(_STORIES.c.id == story_id))
    assert version_id is not None, "only a withdrawn story has no text"
    judged = Classification(
        relevance=1.0 if topics else 0.0,
        is_relevant=bool(topics),
        needs_review=False,
        topics=tuple(TopicScore(id=topic, score=1.0, primary=place == 0) for place, topic in enumerate(topics)),
        evidence=(),
        classifier_version=classifier_version,
    )
    labels = NewLabels(story_id=story_id, version_id=version_id, classification=judged, origin=BY_HAND)
    (key,) = write_labels(connection, [labels], now)
    it = update(_STORIES).where(_STORIES.c.id == story_id)
    connection.execute(it.values(classification_id=key))
    if topics:
        connection.execute(it.where(_STORIES.c.admitted_at.is_(None)).values(admitted_at=now))
        queue_for_search(connection, [story_id], now)


def labelled_by_hand(connection: Connection) -> Iterator[dict[str, Any]]:
    """Yield every story with labels by hand as `evaluate topics` reads it."""
    rows = connection.execute(
        select(_STORIES.c.id, _STORIES.c.uid, _STORIES.c.classification_id, _LABELS.c.is_relevant)
        .add_columns(StoryVersion.title, StoryVersion.text, _STORIES.c.tags)
        .join(_LABELS, _LABELS.c.id == _STORIES.c.classification_id)
        .join(StoryVersion, StoryVersion.id == _LABELS.c.version_id)
        .where(_LABELS.c.origin == BY_HAND)
        .order_by(_STORIES.c.id)
    )
    for row in rows:
        topics = [topic for topic, _ in _topics_of(connection, [row.classification_id])[row.classification_id]]
        yield {
            "id": row.uid,
            "title": row.title,
            "text": row.text,
            "feed_topics": row.tags,
            "climate_relevant": row.is_relevant,
            "primary": topics[0] if topics else None,
            "topics": topics,
        }


def _chosen(choice: Choice) -> Select[Any]:
    query = (
        select(_STORIES.c.id, _STORIES.c.version_id, _STORIES.c.classification_id)
        .join(StoryVersion, StoryVersion.id == _STORIES.c.version_id)
        .where(_is_open())
    )
    if choice.since is not None:
        query = query.where(_STORIES.c.first_seen_at >= choice.since)
    if choice.topic is not None:
        query = query.where(
            exists(
                select(null()).where(
                    _TOPICS.c.classification_id == _STORIES.c.classification_id, _TOPICS.c.topic_id == choice.topic
                )
            )
        )
    return query


def _is_open() -> Any:  # noqa: ANN401 (SQLAlchemy's expression)
    by_hand = exists(select(null()).where(_LABELS.c.id == _STORIES.c.classification_id, _LABELS.c.origin == BY_HAND))
    return and_(_STORIES.c.withdrawn_at.is_(None), _STORIES.c.merged_into.is_(None), ~by_hand)


def _is_new(version: str) -> Any:  # noqa: ANN401 (SQLAlchemy's expression)
    return and_(
        _LABELS.c.story_id == _STORIES.c.id,
        _LABELS.c.version_id == _STORIES.c.version_id,
        _LABELS.c.classifier_version == version,
        _LABELS.c.origin == "auto",
    )


def _new_label_of(version: str) -> Select[Any]:
    return select(null()).select_from(_LABELS).where(_is_new(version)).correlate(_STORIES)


def _topics_of(connection: Connection, label_ids: Sequence[int | None]) -> dict[int, list[tuple[str, float]]]:
    found: dict[int, list[tuple[str, float]]] = {one: [] for one in label_ids if one is not None}
    rows = connection.execute(
        select(_TOPICS.c.classification_id, _TOPICS.c.topic_id, _TOPICS.c.score)
        .where(_TOPICS.c.classification_id.in_(list(found)))
        .order_by(_TOPICS.c.is_primary.desc(), _TOPICS.c.score.desc(), _TOPICS.c.topic_id)
    )
    for row in rows:
        found[row.classification_id].append((row.topic_id, row.score))
    return found


def _row(labels: NewLabels, key: int, now: datetime) -> dict[str, Any]:
    judged = labels.classification
    return {
        "id": key,
        "story_id": labels.story_id,
        "version_id": labels.version_id,
        "classifier_version": judged.classifier_version,
        "origin": labels.origin,
        "relevance": judged.relevance,
        "is_relevant": judged.is_relevant,
        "needs_review": judged.needs_review,
        "evidence": [columns_of(one) for one in judged.evidence],
        "created_at": now,
    }


def _topic_rows(judged: Classification, key: int) -> list[dict[str, Any]]:
    return [
        {
            "classification_id": key,
            "topic_id": topic.id,
            "score": topic.score,
            "is_primary": topic.primary,
            "evidence": [columns_of(one) for one in topic.evidence],
        }
        for topic in judged.topics
    ]

"""The rows of stories' versions, labels, evidence and clusters, for exports that have tables of their own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, select

from models.copies import Likeness
from models.tables.copies import StoryCopy
from models.tables.labels import ClassificationRow, StoryTopic
from models.tables.stories import Story, StoryVersion

Rows = Iterator[Mapping[str, Any]]


def version_rows(connection: Connection, story_ids: Sequence[int]) -> Rows:
    """Give every text of these stories, the oldest first."""
    names = ("story_id", "number", "reason", "source", "feed_id", "run_id", "created_at", "title", "text", "method")
    columns = [getattr(StoryVersion, name) for name in (*names, "confidence", "extractor_version")]
    query = select(*columns, StoryVersion.content_hash.label("sha256")).where(StoryVersion.story_id.in_(story_ids))
    yield from map(dict, connection.execute(query.order_by(StoryVersion.story_id, StoryVersion.number)).mappings())


def label_rows(connection: Connection, story_ids: Sequence[int]) -> Rows:
    """Give the current topics of these stories."""
    topic = (StoryTopic.topic_id.label("topic"), StoryTopic.score, StoryTopic.is_primary.label("primary"))
    judged = (ClassificationRow.origin, ClassificationRow.classifier_version, ClassificationRow.needs_review)
    query = (
        select(Story.id.label("story_id"), *topic, *judged)
        .join(ClassificationRow, ClassificationRow.id == Story.classification_id)
        .join(StoryTopic, StoryTopic.classification_id == ClassificationRow.id)
        .where(Story.id.in_(story_ids))
        .order_by(Story.id, StoryTopic.is_primary.desc(), StoryTopic.score.desc(), StoryTopic.topic_id)
    )
    yield from map(dict, connection.execute(query).mappings())


def evidence_rows(connection: Connection, story_ids: Sequence[int]) -> Rows:
    """Give what spoke for the current labels; without a topic, what spoke for relevance."""
    judged = select(Story.id, ClassificationRow.evidence).join(
        ClassificationRow, ClassificationRow.id == Story.classification_id
    )
    for story_id, evidence in connection.execute(judged.where(Story.id.in_(story_ids)).order_by(Story.id)).tuples():
        yield from ({"story_id": story_id, "topic": None, **one} for one in evidence)
    topics = select(Story.id, StoryTopic.topic_id, StoryTopic.evidence).join(
        StoryTopic, StoryTopic.classification_id == Story.classification_id
    )
    ordered = topics.where(Story.id.in_(story_ids)).order_by(Story.id, StoryTopic.topic_id)
    for story_id, topic, evidence in connection.execute(ordered).tuples():
        yield from ({"story_id": story_id, "topic": topic, **one} for one in evidence)


def cluster_rows(connection: Connection, story_ids: Sequence[int]) -> Rows:
    """Give the cluster of each story, and how it stands to the one that it was copied from."""
    columns = [getattr(StoryCopy, name) for name in ("agency", "copied_from", *Likeness.__struct_fields__)]
    query = select(Story.id.label("story_id"), Story.cluster_id, *columns)
    query = query.join(StoryCopy, StoryCopy.story_id == Story.id, isouter=True).where(Story.id.in_(story_ids))
    yield from map(dict, connection.execute(query.order_by(Story.id)).mappings())


TABLES: Final[Mapping[str, Callable[[Connection, Sequence[int]], Rows]]] = {
    "versions": version_rows,
    "labels": label_rows,
    "evidence": evidence_rows,
    "clusters": cluster_rows,
}

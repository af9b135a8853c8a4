"""Stories as they leave the archive: one row each, with the feeds that show it and its labels."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from models.database import BATCH_ROWS, batches
from models.queries.filters import StoryFilter, conditions
from models.stages import TopicScore
from models.tables import ClassificationRow, Feed, Sighting, Story, StoryTopic, StoryVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRecord:
    """A story as exports show it."""

    id: int
    uid: str
    url: str | None
    title: str
    text: str
    authors: tuple[str, ...]
    language: str | None
    published_at: datetime | None
    first_seen_at: datetime
    feeds: tuple[str, ...]  # those that show it, in the order of feeds.yaml
    outlets: tuple[str, ...]  # the names of those feeds
    tags: tuple[str, ...]  # the publisher's own
    relevance: float | None  # 0..1; None where it was never judged
    topics: tuple[TopicScore, ...]  # the strongest first, without evidence
    classifier_version: str | None
    labelled_by: str | None  # auto: by the classifier; hand: by a person
    revisions: int
    cluster_id: int  # the id of the first of the copies of one text; its own where there is no other
    method: str | None  # how the text was found
    confidence: float | None
    content_hash: str
    run_id: int  # the run that admitted it; of one that is not about climate, the run that first saw it
    relevant_at: datetime | None


def iterate_stories(connection: Connection, wanted: StoryFilter) -> Iterator[StoryRecord]:
    """Give all stories that are wanted, the oldest id first, in flat memory."""
    last = 0
    while True:
        page = select(Story.id).where(Story.id > last, *conditions(wanted)).order_by(Story.id).limit(BATCH_ROWS)
        ids = connection.scalars(page).all()
        if not ids:
            return
        yield from load_stories(connection, ids)
        last = ids[-1]


def newest_first(connection: Connection, wanted: StoryFilter) -> Iterator[StoryRecord]:
    """Give all stories that are wanted, the newest first, in flat memory."""
    order = (Story.sort_at, Story.id)
    newest = (Story.sort_at.desc(), Story.id.desc())
    page = select(*order).where(*conditions(wanted)).order_by(*newest).limit(BATCH_ROWS)
    rows = connection.execute(page).all()
    while rows:
        yield from load_stories(connection, [row.id for row in rows])
        at, last = rows[-1]
        is_older = or_(Story.sort_at < at, and_(Story.sort_at == at, Story.id < last))
        rows = connection.execute(page.where(Story.sort_at <= at, is_older)).all()


def load_stories(connection: Connection, ids: Sequence[int]) -> list[StoryRecord]:
    """Read stories whole, in the order of their ids here; an id that is none is passed over."""
    found: dict[int, StoryRecord] = {}
    for batch in batches(ids):
        rows = connection.execute(_STORY.where(Story.id.in_(batch))).all()
        feeds, outlets = feeds_of(connection, batch), outlets_of(connection, batch)
        topics = topics_of(connection, [row.classification_id for row in rows if row.classification_id])
        for row in rows:
            found[row.id] = _record(row, feeds[row.id], outlets[row.id], topics[row.classification_id])
    return [found[story_id] for story_id in ids if story_id in found]


def digests_of(connection: Connection, story_ids: Sequence[int]) -> dict[int, str]:
    """Return for each story the digest of its title and text as they stand."""
    query = select(Story.id, Story.content_hash).where(Story.id.in_(story_ids))
    return dict(connection.execute(query).tuples().all())


def feeds_of(connection: Connection, story_ids: Sequence[int]) -> defaultdict[int, tuple[str, ...]]:
    """Return for each story the feeds that show it, in the order of feeds.yaml."""
    return _of_feeds(connection, story_ids, Feed.id)


def outlets_of(connection: Connection, story_ids: Sequence[int]) -> defaultdict[int, tuple[str, ...]]:
    """Return for each story the names of the feeds that show it, in the order of feeds.yaml."""
    return _of_feeds(connection, story_ids, Feed.name)


def _of_feeds(
    connection: Connection, story_ids: Sequence[int], column: InstrumentedAttribute[str]
) -> defaultdict[int, tuple[str, ...]]:
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    shown = select(Sighting.story_id, column.label("said")).join(Feed, Feed.id == Sighting.feed_id)
    for row in connection.execute(shown.where(Sighting.story_id.in_(story_ids)).order_by(Feed.position, Feed.id)):
        found[row.story_id] += (row.said,)
    return found


def topics_of(connection: Connection, classification_ids: Sequence[int]) -> defaultdict[int, tuple[TopicScore, ...]]:
    """Return for each judgement its topics, the primary one and then the strongest first."""
    found: defaultdict[int, tuple[TopicScore, ...]] = defaultdict(tuple)
    columns = (StoryTopic.classification_id, StoryTopic.topic_id, StoryTopic.score, StoryTopic.is_primary)
    query = select(*columns).where(StoryTopic.classification_id.in_(classification_ids))
    order = (StoryTopic.is_primary.desc(), StoryTopic.score.desc(), StoryTopic.topic_id)
    for row in connection.execute(query.order_by(*order)):
        found[row.classification_id] += (TopicScore(id=row.topic_id, score=row.score, primary=row.is_primary),)
    return found


# Joined from outside: a pointer that leads nowhere must not hide its story.
_STORY = (
    select(
        Story.id,
        Story.uid,
        Story.url,
        Story.title,
        Story.authors,
        Story.tags,
        Story.language,
        Story.published_at,
        Story.first_seen_at,
        Story.revisions,
        Story.cluster_id,
        Story.content_hash,
        func.coalesce(Story.relevant_run_id, Story.first_run_id).label("run_id"),
        Story.relevant_at,
        Story.classification_id,
        func.coalesce(StoryVersion.text, "").label("text"),
        StoryVersion.method,
        StoryVersion.confidence,
        ClassificationRow.relevance,
        ClassificationRow.classifier_version,
        ClassificationRow.origin.label("labelled_by"),
    )
    .join(StoryVersion, StoryVersion.id == Story.version_id, isouter=True)
    .join(ClassificationRow, ClassificationRow.id == Story.classification_id, isouter=True)
)


def _record(
    row: Row[Any], feeds: tuple[str, ...], outlets: tuple[str, ...], topics: tuple[TopicScore, ...]
) -> StoryRecord:
    values = dict(row._mapping)  # noqa: SLF001 (SQLAlchemy's public name)
    del values["classification_id"]
    values["authors"], values["tags"] = tuple(values["authors"]), tuple(values["tags"])
    return StoryRecord(**values, feeds=feeds, outlets=outlets, topics=topics)

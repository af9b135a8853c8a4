"""Stories as they leave the archive: one row each, with the feeds that show it and its labels."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, and_, func, or_, select

from models.outlets import is_import, outlets
from models.queries.filters import StoryFilter, conditions
from models.stages import TopicScore
from models.storage.database import BATCH_ROWS, batches
from models.tables.feeds import Feed
from models.tables.labels import ClassificationRow, StoryTopic
from models.tables.stories import Sighting, Story, StoryVersion


class StoryRecord(Struct, frozen=True, kw_only=True):
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
    outlets: tuple[str, ...]  # who published it: the names of those feeds, or the site of what was handed in
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
        feeds, published_by = feeds_of(connection, batch), outlets_of(connection, batch)
        topics = topics_of(connection, [row.classification_id for row in rows if row.classification_id])
        for row in rows:
            found[row.id] = _record(row, feeds[row.id], published_by[row.id], topics[row.classification_id])
    return [found[story_id] for story_id in ids if story_id in found]


def digests_of(connection: Connection, story_ids: Sequence[int]) -> dict[int, str]:
    """Return for each story the digest of its title and text as they stand."""
    query = select(Story.id, Story.content_hash).where(Story.id.in_(story_ids))
    return dict(connection.execute(query).tuples().all())


def feeds_of(connection: Connection, story_ids: Sequence[int]) -> defaultdict[int, tuple[str, ...]]:
    """Return for each story the feeds that show it, in the order of feeds.yaml."""
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    for story_id, named in _named_feeds(connection, story_ids).items():
        found[story_id] = tuple(named)
    return found


def outlets_of(connection: Connection, story_ids: Sequence[int]) -> defaultdict[int, tuple[str, ...]]:
    """Return for each story who published it: the names of its feeds, or of one that was only handed in, its site."""
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    shown = _named_feeds(connection, story_ids)
    handed_in = [story_id for story_id, named in shown.items() if all(map(is_import, named))]
    addresses = connection.execute(select(Story.id, Story.url).where(Story.id.in_(handed_in))) if handed_in else ()
    urls = {row.id: row.url for row in addresses}
    for story_id, named in shown.items():
        known = (one for one in outlets(list(named), urls.get(story_id)) if one.is_known)
        found[story_id] = tuple(one.site or named[one.feed_id] for one in known)
    return found


def _named_feeds(connection: Connection, story_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return for each story the names of its feeds by their ids, in the order of feeds.yaml."""
    found: dict[int, dict[str, str]] = {}
    shown = select(Sighting.story_id, Feed.id, Feed.name).join(Feed, Feed.id == Sighting.feed_id)
    for row in connection.execute(shown.where(Sighting.story_id.in_(story_ids)).order_by(Feed.position, Feed.id)):
        found.setdefault(row.story_id, {})[row.id] = row.name
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
    row: Row[Any], feeds: tuple[str, ...], published_by: tuple[str, ...], topics: tuple[TopicScore, ...]
) -> StoryRecord:
    values = dict(row._mapping)  # noqa: SLF001 (SQLAlchemy's public name)
    del values["classification_id"]
    values["authors"], values["tags"] = tuple(values["authors"]), tuple(values["tags"])
    return StoryRecord(**values, feeds=feeds, outlets=published_by, topics=topics)

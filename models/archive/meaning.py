"""The queue of stories whose meaning is to be read, and what comes of that: labels by both readers, and vectors."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeAlias

from msgspec import Struct
from sqlalchemy import Connection, case, delete, func, select

from models.archive.labels import NewLabels, replace_labels
from models.archive.ledger.changes import IS_SHOWN
from models.archive.ledger.runs import count_readings
from models.archive.stories import make_pages_due
from models.identity import PageState
from models.reports import MeaningCounts
from models.stages import Classification, Heading
from models.storage.database import Conflict, upsert
from models.tables.feeds import Feed
from models.tables.keys import table_of
from models.tables.labels import ClassificationRow
from models.tables.queues import VectorQueue
from models.tables.stories import Story, StoryVersion
from models.tables.vectors import StoryVector
from models.waiting import IS_UNREAD, IS_WAITING, QUEUED

_QUEUE, _VECTORS, _STORIES = table_of(VectorQueue), table_of(StoryVector), table_of(Story)
_LABELS, _VERSIONS, _FEEDS = table_of(ClassificationRow), table_of(StoryVersion), table_of(Feed)
_SURE: Final = 0.9  # relevance from which the first reader hardly doubts that a story is about climate
_IS_ENGLISH: Final = _STORIES.c.language.like("en%")  # the language of the stories that taught the first reader
_RANK: Final = case(
    (IS_UNREAD & (_LABELS.c.relevance < _SURE), 0), (IS_UNREAD & ~_IS_ENGLISH, 1), (IS_UNREAD, 2), else_=3
)

_Standing: TypeAlias = tuple[int, int, str, str]  # version, labels, hash of the text, title


class Waiting(Struct, frozen=True, kw_only=True):
    """A story whose meaning is to be read, as it stands."""

    story_id: int
    version_id: int
    label_id: int
    content_hash: str  # of that version
    heading: Heading
    text: str
    is_unread: bool  # it wants labels by both readers; else a vector alone


class MeaningReading(Struct, frozen=True, kw_only=True):
    """What came of reading a story."""

    story: Waiting
    found: Classification | None  # by both readers, with its vector; None: it cannot be read


def oldest_waiting(connection: Connection) -> datetime | None:
    """Return since when a story waits; None where none does."""
    since: datetime | None = connection.scalar(
        select(func.min(_QUEUE.c.queued_at)).select_from(QUEUED).where(IS_WAITING)
    )
    return since


def next_waiting(connection: Connection, encoder: str, most: int) -> list[int]:
    """Return stories that wait, in the order in which they are to be read.

    First those of which the first reader doubts that they are about climate, then those in languages that it was not
    taught, then all that it took to be about climate, the newest first; then those that want a vector alone, and those
    that have one of another encoder. Stories that are hidden or were turned away leave the queue; what admits or shows
    one queues it again.
    """
    waiting = select(_STORIES.c.id).select_from(QUEUED).where(IS_WAITING)
    connection.execute(delete(_QUEUE).where(_QUEUE.c.story_id.not_in(waiting)))
    found = connection.scalars(waiting.order_by(_RANK, _STORIES.c.sort_at.desc(), _STORIES.c.id.desc()).limit(most))
    ids = list(found)
    # Not "another than": an index has an order, and no way around one value.
    for is_other in (_VECTORS.c.encoder < encoder, _VECTORS.c.encoder > encoder):
        if len(ids) < most:
            others = select(_STORIES.c.id).join(_VECTORS, _VECTORS.c.story_id == _STORIES.c.id)
            others = others.where(is_other, IS_SHOWN, _STORIES.c.id.not_in(ids))
            others = others.order_by(_VECTORS.c.encoder.desc(), _VECTORS.c.story_id.desc())
            ids += connection.scalars(others.limit(most - len(ids)))
    return ids


def load_waiting(connection: Connection, story_ids: Sequence[int]) -> list[Waiting]:
    """Return what is to be read of these stories, as far as they still wait, in their order."""
    columns = (_STORIES.c.id, _STORIES.c.version_id, _STORIES.c.classification_id, _STORIES.c.tags, _STORIES.c.url)
    rows = connection.execute(
        select(*columns, _VERSIONS.c.content_hash, _VERSIONS.c.title, _VERSIONS.c.text, IS_UNREAD.label("is_unread"))
        .join(_VERSIONS, _VERSIONS.c.id == _STORIES.c.version_id)
        .join(_LABELS, _LABELS.c.id == _STORIES.c.classification_id)
        .where(_STORIES.c.id.in_(story_ids), IS_WAITING)
    )
    found = {
        row.id: Waiting(
            story_id=row.id,
            version_id=row.version_id,
            label_id=row.classification_id,
            content_hash=row.content_hash,
            heading=Heading(title=row.title, tags=tuple(row.tags), url=row.url),
            text=row.text,
            is_unread=row.is_unread,
        )
        for row in rows
    }
    return [found[story_id] for story_id in story_ids if story_id in found]


def keep_readings(
    connection: Connection, readings: Sequence[MeaningReading], run_id: int, now: datetime
) -> MeaningCounts:
    """Keep what came of readings, and count it in the ledger; a story that changed meanwhile stays in the queue.

    A story that is found to be about climate is admitted, and its page is asked for as at its birth; none is turned
    out. One that could not be read keeps the labels that it has, and waits no more.
    """
    there = _standing(connection, readings)
    fresh = [one for one in readings if there.get(one.story.story_id) == _read_as(one.story)]
    labels = [
        NewLabels(story_id=one.story.story_id, version_id=one.story.version_id, classification=one.found)
        for one in fresh
        if one.found is not None and one.story.is_unread
    ]
    admitted = replace_labels(connection, labels, run_id, now)
    _follow_to_pages(connection, admitted, now)
    _keep_vectors(connection, fresh, now)
    connection.execute(delete(_QUEUE).where(_QUEUE.c.story_id.in_([one.story.story_id for one in fresh])))
    failed = sum(one.found is None for one in fresh)
    counts = MeaningCounts(read=len(fresh) - failed, admitted=len(admitted), failed=failed)
    count_readings(connection, run_id, counts)
    return counts


def _read_as(story: Waiting) -> _Standing:
    return story.version_id, story.label_id, story.content_hash, story.heading.title


def _standing(connection: Connection, readings: Sequence[MeaningReading]) -> dict[int, _Standing]:
    """Return the current version, labels and words of the stories that still wait.

    The words too: newer code may put others in a version's place, and a person's labels stay with them.
    """
    columns = (_STORIES.c.id, _STORIES.c.version_id, _STORIES.c.classification_id)
    query = select(*columns, _VERSIONS.c.content_hash, _VERSIONS.c.title)
    query = query.join(_VERSIONS, _VERSIONS.c.id == _STORIES.c.version_id)
    query = query.join(_LABELS, _LABELS.c.id == _STORIES.c.classification_id)
    ids = [one.story.story_id for one in readings]
    rows = connection.execute(query.where(_STORIES.c.id.in_(ids), IS_WAITING))
    return {row.id: (row.version_id, row.classification_id, row.content_hash, row.title) for row in rows}


def _follow_to_pages(connection: Connection, story_ids: Sequence[int], now: datetime) -> None:
    """Ask for the pages of stories that were just admitted, where their feed is followed to them."""
    followed = (
        select(_STORIES.c.id)
        .join(_FEEDS, _FEEDS.c.id == _STORIES.c.text_source)
        .where(_STORIES.c.id.in_(story_ids), _STORIES.c.url.is_not(None), _FEEDS.c.full_text)
        .where(_STORIES.c.page_state == PageState.NONE.value)
    )
    make_pages_due(connection, connection.scalars(followed).all(), now)


def _keep_vectors(connection: Connection, readings: Sequence[MeaningReading], now: datetime) -> None:
    """Keep the vectors of what is shown; one that cannot be made leaves none of another encoder behind."""
    ids = [one.story.story_id for one in readings]
    shown = set(connection.scalars(select(_STORIES.c.id).where(_STORIES.c.id.in_(ids), IS_SHOWN)))
    made = [
        {"story_id": one.story.story_id, "encoder": one.found.encoder, "vector": one.found.vector, "made_at": now}
        for one in readings
        if one.found is not None and one.found.vector is not None and one.story.story_id in shown
    ]
    upsert(connection, _VECTORS, made, Conflict(index_elements=("story_id",), update=("encoder", "vector", "made_at")))
    failed = [one.story.story_id for one in readings if one.found is None]
    connection.execute(delete(_VECTORS).where(_VECTORS.c.story_id.in_(failed)))

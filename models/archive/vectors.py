"""The queue of stories that wait for their vector of meaning, and the vectors that are kept."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, delete, select

from models.archive.changes import IS_SHOWN
from models.archive.versions import PlacedText
from models.database import Conflict, upsert
from models.tables import Story, StoryVector, StoryVersion, VectorQueue
from models.tables.keys import table_of

_QUEUE, _VECTORS, _STORIES = table_of(VectorQueue), table_of(StoryVector), table_of(Story)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A story whose vector is to be made of its text."""

    story_id: int
    version_id: int
    title: str
    text: str


def next_wanted(connection: Connection, encoder: str, most: int) -> list[Wanted]:
    """Return stories that wait for their vector, the oldest first: queued ones, then those of another encoder.

    Stories that are hidden or were turned away leave the queue; what admits or shows one queues it again.
    """
    hidden = select(_STORIES.c.id).where(_STORIES.c.id.in_(select(_QUEUE.c.story_id)), ~IS_SHOWN)
    connection.execute(delete(_QUEUE).where(_QUEUE.c.story_id.in_(hidden)))
    found = _stories(connection, select(_QUEUE.c.story_id), most)
    if len(found) < most:
        found += _stories(
            connection, select(_VECTORS.c.story_id).where(_VECTORS.c.encoder != encoder), most - len(found)
        )
    return found


def keep_read(connection: Connection, placed: Sequence[PlacedText], now: datetime) -> None:
    """Keep the vectors that judging these texts made on its way, of those that are their stories' today."""
    made: dict[str, list[tuple[Wanted, bytes]]] = defaultdict(list)
    for one in placed:
        judged, text = one.text.classified.classification, one.text.classified.story.text
        is_kept = one.text.classified.heading.title == one.text.title
        if judged.vector is not None and is_kept:
            wanted = Wanted(story_id=one.text.story_id, version_id=one.version_id, title=one.text.title, text=text)
            made[judged.encoder].append((wanted, judged.vector))
    for encoder, stories in made.items():
        keep_vectors(connection, encoder, [one for one, _ in stories], [vector for _, vector in stories], now)


def _stories(connection: Connection, ids: Select[tuple[int]], most: int) -> list[Wanted]:
    rows = connection.execute(
        select(_STORIES.c.id, _STORIES.c.version_id, _STORIES.c.title, StoryVersion.text)
        .join(StoryVersion, StoryVersion.id == _STORIES.c.version_id)
        .where(_STORIES.c.id.in_(ids), IS_SHOWN)
        .order_by(_STORIES.c.id)
        .limit(most)
    )
    return [Wanted(story_id=row.id, version_id=row.version_id, title=row.title, text=row.text) for row in rows]


def keep_vectors(
    connection: Connection, encoder: str, wanted: Sequence[Wanted], vectors: Sequence[bytes], now: datetime
) -> None:
    """Keep the vectors of stories; one that got another text or left meanwhile stays in the queue."""
    if not wanted:
        return
    ids = [one.story_id for one in wanted]
    rows = connection.execute(select(_STORIES.c.id, _STORIES.c.version_id).where(_STORIES.c.id.in_(ids), IS_SHOWN))
    versions: Mapping[int, int | None] = {row.id: row.version_id for row in rows}
    made = [
        {"story_id": one.story_id, "encoder": encoder, "vector": vector, "made_at": now}
        for one, vector in zip(wanted, vectors, strict=True)
        if versions.get(one.story_id) == one.version_id
    ]
    upsert(
        connection,
        table_of(StoryVector),
        made,
        Conflict(index_elements=("story_id",), update=("encoder", "vector", "made_at")),
    )
    connection.execute(delete(_QUEUE).where(_QUEUE.c.story_id.in_([row["story_id"] for row in made])))

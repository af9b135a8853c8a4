"""Bring the search index in step with the stories' texts, a batch a transaction."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from sqlalchemy import Connection, delete, select

from models.archive.ledger.changes import IS_SHOWN
from models.search.factory import search_index
from models.search.interface import SearchRow
from models.search_words import Wording
from models.storage.database import BATCH_ROWS
from models.tables import SearchQueue, Story, StoryVersion
from models.tables.keys import table_of

_QUEUE = table_of(SearchQueue)


def index_batch(connection: Connection, most: int = BATCH_ROWS) -> int:
    """Index the next queued stories; return how many there were."""
    queued = next_queued(connection, most)
    if queued:
        index_stories(connection, queued)
    return len(queued)


def next_queued(connection: Connection, most: int = BATCH_ROWS) -> Sequence[int]:
    """Return the stories that wait for the index."""
    return connection.scalars(select(_QUEUE.c.story_id).order_by(_QUEUE.c.story_id).limit(most)).all()


def leave_out(connection: Connection, story_id: int) -> None:
    """Leave a story out of the index until its words change: they cannot be indexed."""
    search_index(connection).remove(connection, {story_id})
    connection.execute(delete(_QUEUE).where(_QUEUE.c.story_id == story_id))


def index_stories(
    connection: Connection, story_ids: Sequence[int], ready: Mapping[Wording, tuple[str, ...]] = MappingProxyType({})
) -> None:
    """Index these stories, which wait no longer. Hidden ones leave the index.

    `ready` are the words of stories that were found before: what it lacks is found here.
    """
    rows = connection.execute(
        select(Story.id, Story.title, Story.language, StoryVersion.text)
        .join(StoryVersion, StoryVersion.id == Story.version_id)
        .where(Story.id.in_(story_ids), IS_SHOWN)
    )
    shown = [
        SearchRow(
            story_id=row.id,
            title=row.title,
            text=row.text,
            language=row.language,
            words=ready.get(Wording(row.title, row.text, row.language), ()),
        )
        for row in rows
    ]
    index = search_index(connection)
    index.remove(connection, set(story_ids) - {row.story_id for row in shown})
    index.index(connection, shown)
    connection.execute(delete(_QUEUE).where(_QUEUE.c.story_id.in_(story_ids)))

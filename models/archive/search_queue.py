"""Bring the search index in step with the stories' texts, a batch a transaction."""

from sqlalchemy import Connection, delete, select

from models.database import BATCH_ROWS
from models.search.factory import search_index
from models.search.interface import SearchRow
from models.tables import SearchQueue, Story, StoryVersion
from models.tables.keys import table_of

_QUEUE = table_of(SearchQueue)


def index_batch(connection: Connection, most: int = BATCH_ROWS) -> int:
    """Index the next queued stories; return how many there were. Hidden stories leave the index."""
    queued = connection.scalars(select(_QUEUE.c.story_id).order_by(_QUEUE.c.story_id).limit(most)).all()
    if not queued:
        return 0
    is_shown = Story.relevant_at.is_not(None) & Story.withdrawn_at.is_(None) & Story.merged_into.is_(None)
    rows = connection.execute(
        select(Story.id, Story.title, Story.language, StoryVersion.text)
        .join(StoryVersion, StoryVersion.id == Story.version_id)
        .where(Story.id.in_(queued), is_shown)
    )
    shown = [SearchRow(story_id=row.id, title=row.title, text=row.text, language=row.language) for row in rows]
    index = search_index(connection)
    index.remove(connection, set(queued) - {row.story_id for row in shown})
    index.index(connection, shown)
    connection.execute(delete(_QUEUE).where(_QUEUE.c.story_id.in_(queued)))
    return len(queued)

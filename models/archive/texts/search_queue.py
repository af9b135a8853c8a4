"""Bring the search index in step with the stories' texts, a batch a transaction."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection, bindparam, delete, select

from models.archive.ledger.changes import IS_SHOWN
from models.search.factory import search_index
from models.search.interface import SearchRow
from models.search.prepared import prepared
from models.search_words import Wording
from models.storage.database import BATCH_ROWS
from models.tables.keys import table_of
from models.tables.queues import SearchQueue
from models.tables.stories import Story, StoryVersion

log = logging.getLogger(__name__)

_QUEUE = table_of(SearchQueue)
_NEXT_SHOWN: Final = select(Story.id).where(Story.id > bindparam("last"), IS_SHOWN).order_by(Story.id).limit(BATCH_ROWS)


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
    shown = [_with_words(row, ready) for row in _rows(connection, story_ids)]
    index = search_index(connection)
    index.remove(connection, set(story_ids) - {row.story_id for row in shown})
    index.index(connection, shown)
    connection.execute(delete(_QUEUE).where(_QUEUE.c.story_id.in_(story_ids)))


def rows_shown(connection: Connection) -> Iterator[SearchRow]:
    """Give every story that is found, a batch after the other, with its words."""
    last = 0
    while ids := connection.scalars(_NEXT_SHOWN, {"last": last}).all():
        yield from made_ready(connection, _rows(connection, ids))
        last = ids[-1]


def erase_stories(connection: Connection, story_ids: Sequence[int]) -> None:
    """Take stories out of the index with their words, before their texts go: it may hold any of these."""
    query = select(Story.id, Story.title, Story.language, StoryVersion.title.label("then"), StoryVersion.text)
    query = query.join(StoryVersion, StoryVersion.story_id == Story.id).where(Story.id.in_(story_ids))
    wordings = {
        SearchRow(story_id=row.id, title=title, text=row.text, language=row.language)
        for row in connection.execute(query)
        for title in (row.title, row.then)
    }
    search_index(connection).erase(connection, story_ids, made_ready(connection, wordings))


def made_ready(connection: Connection, rows: Iterable[SearchRow]) -> Iterator[SearchRow]:
    """Give rows with their words; one whose words cannot be found is in no index, and is left out."""
    for row in rows:
        try:
            words = prepared(connection.dialect.name, row.title, row.text, row.language)
        except Exception:  # one story must not keep the others from the index
            log.exception("story %d cannot be indexed", row.story_id)
        else:
            yield replace(row, words=words)


def _rows(connection: Connection, story_ids: Sequence[int]) -> list[SearchRow]:
    rows = connection.execute(
        select(Story.id.label("story_id"), Story.title, Story.language, StoryVersion.text)
        .join(StoryVersion, StoryVersion.id == Story.version_id)
        .where(Story.id.in_(story_ids), IS_SHOWN)
    ).all()
    return [SearchRow(**row._mapping) for row in rows]  # noqa: SLF001 (SQLAlchemy's public name)


def _with_words(row: SearchRow, ready: Mapping[Wording, tuple[str, ...]]) -> SearchRow:
    return replace(row, words=ready.get(Wording(row.title, row.text, row.language), ()))

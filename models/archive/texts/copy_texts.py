"""Stories as they are compared with others: what of them is read, and whether it is still what they show."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from models.archive.ledger.changes import IS_SHOWN
from models.storage.database import batches
from models.tables import Story, StoryVersion
from models.tables.keys import table_of

_STORIES, _VERSIONS = table_of(Story), table_of(StoryVersion)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncompared:
    """A story that is to be compared with others."""

    story_id: int
    version_id: int
    content_hash: str  # of that version
    sort_at: datetime
    text: str
    authors: tuple[str, ...]


def stories_of(connection: Connection, ids: Iterable[int]) -> dict[int, Uncompared]:
    """Return of these stories those that readers see, as they are compared."""
    found: dict[int, Uncompared] = {}
    columns = (_STORIES.c.id.label("story_id"), _STORIES.c.version_id, _STORIES.c.sort_at, _STORIES.c.authors)
    query = select(*columns, _VERSIONS.c.text, _VERSIONS.c.content_hash)
    query = query.join(_VERSIONS, _VERSIONS.c.id == _STORIES.c.version_id)
    for batch in batches(sorted(ids)):
        for row in connection.execute(query.where(_STORIES.c.id.in_(batch), IS_SHOWN).order_by(_STORIES.c.id)):
            values = dict(row._mapping) | {"authors": tuple(row.authors)}  # noqa: SLF001 (SQLAlchemy's public name)
            found[row.story_id] = Uncompared(**values)
    return found


def texts_shown(connection: Connection, ids: Iterable[int]) -> dict[int, tuple[int, str]]:
    """Return which version each story shows, with the hash of its text: newer code may put another in its place."""
    query = select(_STORIES.c.id, _VERSIONS.c.id, _VERSIONS.c.content_hash)
    query = query.join(_VERSIONS, _VERSIONS.c.id == _STORIES.c.version_id).where(IS_SHOWN)
    found: dict[int, tuple[int, str]] = {}
    for batch in batches(sorted(ids)):
        rows = connection.execute(query.where(_STORIES.c.id.in_(batch))).tuples()
        found |= {story_id: (version_id, content_hash) for story_id, version_id, content_hash in rows}
    return found

"""Stories as they are compared with others: what of them is read, and whether it is still what they show."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, select

from models._sql.lists import is_one_of
from models.archive.ledger.changes import IS_SHOWN
from models.storage.database import batches
from models.tables.keys import table_of
from models.tables.stories import Story, StoryVersion

_STORIES, _VERSIONS = table_of(Story), table_of(StoryVersion)


class Uncompared(Struct, frozen=True, kw_only=True):
    """A story that is to be compared with others."""

    story_id: int
    version_id: int
    content_hash: str  # of that version
    sort_at: datetime
    text: str
    authors: tuple[str, ...]


_COMPARED: Final = (
    select(_STORIES.c.id, _STORIES.c.version_id, _VERSIONS.c.content_hash, _STORIES.c.sort_at, _VERSIONS.c.text)
    .add_columns(_STORIES.c.authors)
    .join(_VERSIONS, _VERSIONS.c.id == _STORIES.c.version_id)
    .where(is_one_of(_STORIES.c.id, "ids"), IS_SHOWN)
    .order_by(_STORIES.c.id)
)
_SHOWN: Final = _COMPARED.with_only_columns(
    _STORIES.c.id, _STORIES.c.version_id, _VERSIONS.c.content_hash, _STORIES.c.sort_at
)


def stories_of(connection: Connection, ids: Iterable[int]) -> dict[int, Uncompared]:
    """Return of these stories those that readers see, as they are compared."""
    found: dict[int, Uncompared] = {}
    for batch in batches(sorted(ids)):
        rows = connection.execute(_COMPARED, {"ids": batch}).all()
        for story_id, version_id, content_hash, sort_at, text, authors in rows:
            found[story_id] = Uncompared(
                story_id=story_id,
                version_id=version_id,
                content_hash=content_hash,
                sort_at=sort_at,
                text=text,
                authors=tuple(authors),
            )
    return found


def shown_now(connection: Connection, ids: Iterable[int]) -> dict[int, tuple[int, str, datetime]]:
    """Return which version each story shows, the hash of its text, which newer code may replace, and its moment."""
    found: dict[int, tuple[int, str, datetime]] = {}
    for batch in batches(sorted(ids)):
        found |= {story_id: tuple(shown) for story_id, *shown in connection.execute(_SHOWN, {"ids": batch}).all()}
    return found

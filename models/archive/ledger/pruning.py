"""Give up what the ledger needs no longer: old requests whose bytes nothing rests on."""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select

from models.tables.documents import RawBlob
from models.tables.keys import table_of
from models.tables.runs import Fetch
from models.tables.stories import StoryVersion

MOST: Final = 2_000  # rows a transaction, so that a night at work waits for a moment only
_FETCHES, _VERSIONS, _BLOBS = table_of(Fetch), table_of(StoryVersion), table_of(RawBlob)


def count_old_fetches(connection: Connection, before: datetime) -> int:
    """Count the requests made before a moment whose bytes no version cites and no story may be withdrawn by."""
    return connection.scalar(select(func.count()).select_from(_FETCHES).where(_is_old(before))) or 0


def delete_old_fetches(connection: Connection, before: datetime) -> int:
    """Delete the next of them and return how many; 0 when all are gone."""
    some = select(_FETCHES.c.id).where(_is_old(before)).limit(MOST)
    return connection.execute(delete(_FETCHES).where(_FETCHES.c.id.in_(some))).rowcount


def _is_old(before: datetime) -> ColumnElement[bool]:
    cited = select(_VERSIONS.c.raw_digest).where(_VERSIONS.c.raw_digest.is_not(None))
    # A page that was refused or not understood is kept, and only its request tells whose it is when that is withdrawn.
    is_a_kept_page = _FETCHES.c.story_id.is_not(None) & _FETCHES.c.digest.in_(select(_BLOBS.c.digest))
    is_free = or_(_FETCHES.c.digest.is_(None), _FETCHES.c.digest.not_in(cited) & ~is_a_kept_page)
    return (_FETCHES.c.started_at < before) & is_free

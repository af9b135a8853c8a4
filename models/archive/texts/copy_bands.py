"""The index by which copies are found: bands of stories by era, so that a night reads and writes what lies together.

Nothing is known of texts here: a band is 32 bits that stories with like texts share.
"""

import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, select, tuple_

from models._sql.lists import is_one_of
from models.storage.database import batches, insert_values
from models.tables.copies import CopyBand, StoryCopy
from models.tables.keys import table_of

WINDOW: Final = timedelta(days=30)  # between the moments of two stories, for one to be a copy
ERA: Final = timedelta(days=60)  # a window touches two of them
_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BITS: Final = 32
_BANDS, _COPIES = table_of(CopyBand), table_of(StoryCopy)
_FOUND: Final = select(_BANDS.c.band, _BANDS.c.story_id).where(is_one_of(_BANDS.c.band, "bands"))
_KEPT: Final = select(_COPIES.c.story_id, _COPIES.c.era, _COPIES.c.bands).where(
    is_one_of(_COPIES.c.story_id, "ids"), _COPIES.c.era.is_not(None)
)


def era_of(moment: datetime) -> int:
    """Return in which era a story of this moment is found."""
    return (moment - _FIRST) // ERA


def bands_in(eras: Iterable[int], bands: bytes) -> list[int]:
    """Return bands as the index has them, in each of these eras."""
    own = struct.unpack(f">{len(bands) * 8 // _BITS}I", bands)
    return [first + band for first in (era << _BITS for era in eras) for band in own]


def bands_about(moment: datetime, bands: bytes) -> list[int]:
    """Return bands as the index has them of stories that are no further from a moment than the window."""
    return bands_in(range(era_of(moment - WINDOW), era_of(moment + WINDOW) + 1), bands)


def owners_of(connection: Connection, bands: Sequence[int]) -> Sequence[tuple[int, int]]:
    """Return bands with the stories that have them."""
    return connection.execute(_FOUND, {"bands": bands}).tuples().all()


def add_bands(connection: Connection, bands: Iterable[tuple[int, int]]) -> None:
    """Have stories found by bands, both given in pairs."""
    insert_values(connection, _BANDS, ("band", "story_id"), sorted(set(bands)))


def remove_bands(connection: Connection, story_ids: Iterable[int]) -> None:
    """Have stories found no more, wherever they are now: by what story_copies says, which is to be there still."""
    kept = connection.execute(_KEPT, {"ids": list(story_ids)}).tuples()
    pairs = {(band, story_id) for story_id, era, own in kept for band in bands_in((era,), own)}
    for batch in batches(sorted(pairs)):
        connection.execute(delete(_BANDS).where(tuple_(_BANDS.c.band, _BANDS.c.story_id).in_(batch)))

"""What a document shares with what its feed has shown before."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, or_, select

from models._sql.lists import is_one_of
from models.identity import KeyKind, KeyName
from models.stages import Entry
from models.tables.keys import table_of
from models.tables.stories import Sighting, StoryKey

_SIGHTINGS = table_of(Sighting)
_OF_THE_FEED: Final = _SIGHTINGS.c.feed_id == bindparam("feed")
_BEFORE: Final = _SIGHTINGS.c.first_seen_at < bindparam("before")

# feed, digests
_BY_DIGEST: Final = select(_SIGHTINGS.c.id).where(_OF_THE_FEED, is_one_of(_SIGHTINGS.c.entry_digest, "digests"))

# feed, guids, keys, titles
_BY_NAME: Final = select(_SIGHTINGS.c.id).where(
    _OF_THE_FEED,
    or_(
        is_one_of(_SIGHTINGS.c.guid, "guids"),
        is_one_of(_SIGHTINGS.c.url_key, "keys"),
        is_one_of(_SIGHTINGS.c.title, "titles"),
    ),
)


def shares_entries(
    connection: Connection,
    feed_id: str,
    entries: Sequence[Entry],
    titles: Sequence[str] = (),
    before: datetime | None = None,
) -> bool:
    """Tell whether a feed has shown any of these entries before, as it is, or by its id or its link; or these titles.

    Where a moment is given, what it showed for the first time later does not count.
    """
    by_digest, by_name = _BY_DIGEST, _BY_NAME
    values: dict[str, object] = {"feed": feed_id}
    if before is not None:
        by_digest, by_name = by_digest.where(_BEFORE), by_name.where(_BEFORE)
        values["before"] = before
    digests = [entry.digest for entry in entries]
    if connection.scalar(by_digest.limit(1), values | {"digests": digests}) is not None:
        return True
    names = {
        "guids": [entry.guid for entry in entries if entry.guid],
        "keys": [entry.url_key for entry in entries if entry.url_key],
        "titles": [title for title in titles if title],
    }
    return connection.scalar(by_name.limit(1), values | names) is not None


def is_known_since(connection: Connection, url_key: str, at: datetime) -> bool:
    """Tell whether the story of an address was shown at this moment or later: an older capture says nothing new."""
    name = KeyName.of(KeyKind.URL, "", url_key)
    return connection.execute(_SHOWN_SINCE, {"key": name.key, "at": at}).first() is not None


_KEYS = table_of(StoryKey)
_SHOWN_SINCE: Final = (
    select(_SIGHTINGS.c.id)
    .join(_KEYS, _KEYS.c.story_id == _SIGHTINGS.c.story_id)
    .where(_KEYS.c.kind == KeyKind.URL.value, _KEYS.c.scope == "", _KEYS.c.key == bindparam("key"))
    .where(_SIGHTINGS.c.changed_at >= bindparam("at"))
    .limit(1)
)

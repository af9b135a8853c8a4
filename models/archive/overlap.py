"""What a document shares with what was shown before: by its feed, or of the page that it is a capture of."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Final

from sqlalchemy import Connection, and_, bindparam, or_, select

from models._sql.lists import is_one_of
from models.identity import Item, KeyKind, KeyName
from models.stages import Entry
from models.tables.keys import table_of
from models.tables.stories import Sighting, Story, StoryKey, StoryVersion

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

# feed, hashes, moments
_BY_WORDS: Final = select(_SIGHTINGS.c.id).where(
    _OF_THE_FEED,
    is_one_of(_SIGHTINGS.c.content_hash, "hashes"),
    is_one_of(_SIGHTINGS.c.published_at, "moments"),
)


def shares_words(connection: Connection, feed_id: str, items: Sequence[Item]) -> bool:
    """Tell whether a feed has shown the words of one of these at such a moment, under whatever names."""
    told = [(item.text.content_hash, item.entry.published_at) for item in items if item.text is not None]
    dated = [(words, moment) for words, moment in told if moment is not None]
    hashes, moments = ({pair[at] for pair in dated} for at in (0, 1))
    values = {"feed": feed_id, "hashes": list(hashes), "moments": list(moments)}
    return bool(dated) and connection.scalar(_BY_WORDS.limit(1), values) is not None


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


class Standing(Enum):
    """How a capture of a page stands to what the archive has of the page's story."""

    FRESH = "fresh"  # nothing that it was shown as is of its moment or a later one
    BESIDE = "beside"  # the newest version is of this very moment: which of them came first is not known
    KNOWN = "known"  # one of its versions was read from these very bytes, or the story was withdrawn
    OLDER = "older"  # it was shown later, and nothing kept says whether this capture was ever read


def standing_of(connection: Connection, url_key: str, at: datetime, digest: str) -> Standing:
    """Tell how a capture of this moment and these bytes stands to the story of an address."""
    values = {"key": KeyName.of(KeyKind.URL, "", url_key).key, "digest": digest}
    story = connection.execute(_STANDING, values).first()
    if story is None or story.newest is None or story.newest < at:
        return Standing.FRESH
    if story.withdrawn_at is not None:
        return Standing.KNOWN
    if story.newest == at and connection.execute(_OF_MOMENT, values | {"at": at}).first() is None:
        return Standing.FRESH  # what was met then was no change
    if connection.execute(_READ_FROM, values).first() is not None:
        return Standing.KNOWN
    return Standing.BESIDE if story.newest == at else Standing.OLDER


_KEYS, _STORIES, _VERSIONS = table_of(StoryKey), table_of(Story), table_of(StoryVersion)
_IS_KEY: Final = and_(_KEYS.c.kind == KeyKind.URL.value, _KEYS.c.scope == "", _KEYS.c.key == bindparam("key"))
_NEWEST: Final = (
    select(_SIGHTINGS.c.changed_at)
    .where(_SIGHTINGS.c.story_id == _KEYS.c.story_id)
    .order_by(_SIGHTINGS.c.changed_at.desc())
    .limit(1)
    .scalar_subquery()
)
_STANDING: Final = (
    select(_NEWEST.label("newest"), _STORIES.c.withdrawn_at)
    .join_from(_KEYS, _STORIES, _STORIES.c.id == _KEYS.c.story_id)
    .where(_IS_KEY)
)
_OF_STORY: Final = (
    select(_VERSIONS.c.id).join_from(_KEYS, _VERSIONS, _VERSIONS.c.story_id == _KEYS.c.story_id).where(_IS_KEY).limit(1)
)
_READ_FROM: Final = _OF_STORY.where(_VERSIONS.c.raw_digest == bindparam("digest"))
_OF_MOMENT: Final = _OF_STORY.where(_VERSIONS.c.created_at == bindparam("at"))

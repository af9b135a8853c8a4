"""The questions of known.py, built once: asked anew each time they would cost SQLAlchemy seven times as much.

Above each stand its parameters; lists hold at most a batch.
"""

from typing import Any, Final

from sqlalchemy import BindParameter, bindparam, or_, select

from models._keys import table_of
from models.intents import KeyKind
from models.tables import Feed, Sighting, Story, StoryKey, StoryVersion

_FEEDS, _KEYS, _SIGHTINGS = table_of(Feed), table_of(StoryKey), table_of(Sighting)
_STORIES, _VERSIONS = table_of(Story), table_of(StoryVersion)

_FEED: Final[BindParameter[Any]] = bindparam("feed")
_DIGESTS: Final[BindParameter[Any]] = bindparam("digests", expanding=True)
_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)

# feed, digests
SEEN: Final = select(_SIGHTINGS.c.entry_digest).where(
    _SIGHTINGS.c.feed_id == _FEED, _SIGHTINGS.c.entry_digest.in_(_DIGESTS)
)

# kind, scope, keys
OWNERS: Final = (
    select(_KEYS.c.key, _KEYS.c.story_id, _KEYS.c.is_shared, _STORIES.c.merged_into)
    .join(_STORIES, _STORIES.c.id == _KEYS.c.story_id)
    .where(_KEYS.c.kind == bindparam("kind"), _KEYS.c.scope == bindparam("scope"))
    .where(_KEYS.c.key.in_(bindparam("keys", expanding=True)))
)

_OF_A_STORY: Final = [
    _STORIES.c[name]
    for name in (
        *("id", "uid", "url", "title", "language", "authors", "tags"),
        *("published_at", "published_raw", "is_zone_assumed", "lead", "content_hash", "revisions", "flapping"),
        *("admitted_at", "withdrawn_at", "merged_into", "page_state"),
    )
]

# ids
STORIES: Final = select(*_OF_A_STORY).where(_STORIES.c.id.in_(_IDS))

# ids; with the text
WHOLE_STORIES: Final = STORIES.add_columns(_VERSIONS.c.text).join(
    _VERSIONS, _VERSIONS.c.id == _STORIES.c.version_id, isouter=True
)


# A sighting's own columns, named apart from its story's.
_OF_A_SIGHTING = [
    *(
        _SIGHTINGS.c[name].label(f"seen_{name}")
        for name in (
            *("story_id", "feed_id", "guid", "url", "url_key"),
            *("entry_digest", "content_hash", "length_class", "title"),
        )
    ),
    *(_FEEDS.c[name].label(f"feed_{name}") for name in ("position", "is_active", "state")),
]

_OF_THE_FEED: Final = _FEEDS.c.id == _SIGHTINGS.c.feed_id

# feed, digests; the feed's sightings with these entries, and their stories
GLIMPSES: Final = (
    select(*_OF_A_SIGHTING, *_OF_A_STORY)
    .join(_FEEDS, _OF_THE_FEED)
    .join(_STORIES, _STORIES.c.id == _SIGHTINGS.c.story_id)
    .where(_SIGHTINGS.c.feed_id == _FEED, _SIGHTINGS.c.entry_digest.in_(_DIGESTS))
    .order_by(_SIGHTINGS.c.id.desc())
)

# ids
SIGHTINGS: Final = select(*_OF_A_SIGHTING).join(_FEEDS, _OF_THE_FEED).where(_SIGHTINGS.c.story_id.in_(_IDS))

# ids, feed
SIGHTINGS_OF_FEED: Final = SIGHTINGS.where(_SIGHTINGS.c.feed_id == _FEED)

# ids
VERSIONS: Final = (
    select(
        _VERSIONS.c.story_id,
        _VERSIONS.c.id,
        _VERSIONS.c.number,
        _VERSIONS.c.reason,
        _VERSIONS.c.source,
        _VERSIONS.c.run_id,
        _VERSIONS.c.created_at,
        _VERSIONS.c.content_hash,
        _VERSIONS.c.extractor_version,
    )
    .where(_VERSIONS.c.story_id.in_(_IDS))
    .order_by(_VERSIONS.c.number)
)

# ids, feed
KEYS_FROM_FEED: Final = select(_KEYS.c.story_id, _KEYS.c.kind, _KEYS.c.scope, _KEYS.c.key).where(
    _KEYS.c.story_id.in_(_IDS),
    _KEYS.c.feed_id == _FEED,
    or_(_KEYS.c.kind == KeyKind.GUID, _KEYS.c.kind == KeyKind.URL),
)

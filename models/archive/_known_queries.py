"""The questions of known.py, built once: asked anew each time they would cost SQLAlchemy seven times as much.

Above each stand its parameters.
"""

from typing import Any, Final

from sqlalchemy import BindParameter, and_, bindparam, func, or_, select

from models._sql.lists import is_one_of
from models.identity import KeyKind, KnownSighting, PageState, StoryState
from models.tables.feeds import Feed
from models.tables.keys import table_of
from models.tables.stories import Sighting, Story, StoryKey, StoryVersion

_FEEDS, _KEYS, _SIGHTINGS = table_of(Feed), table_of(StoryKey), table_of(Sighting)
_STORIES, _VERSIONS = table_of(Story), table_of(StoryVersion)

_FEED: Final[BindParameter[Any]] = bindparam("feed")
_HAS_DIGEST: Final = is_one_of(_SIGHTINGS.c.entry_digest, "digests")

# feed, digests
SEEN: Final = select(_SIGHTINGS.c.entry_digest).where(_SIGHTINGS.c.feed_id == _FEED, _HAS_DIGEST)

_IS_OPEN: Final = and_(_STORIES.c.withdrawn_at.is_(None), _STORIES.c.merged_into.is_(None))

# feed, digests; the fields of Glance behind each digest
GLANCES: Final = (
    select(
        _SIGHTINGS.c.entry_digest,
        _IS_OPEN.label("is_open"),
        _STORIES.c.relevant_run_id.is_not(None).label("is_relevant"),
        (_STORIES.c.page_state != PageState.NONE).label("is_followed"),
    )
    .join(_STORIES, _STORIES.c.id == _SIGHTINGS.c.story_id)
    .where(_SIGHTINGS.c.feed_id == _FEED, _HAS_DIGEST)
)

# kind, scope, keys
OWNERS: Final = (
    select(_KEYS.c.key, _KEYS.c.story_id, _KEYS.c.is_ambiguous, _STORIES.c.merged_into)
    .join(_STORIES, _STORIES.c.id == _KEYS.c.story_id)
    .where(_KEYS.c.kind == bindparam("kind"), _KEYS.c.scope == bindparam("scope"))
    .where(is_one_of(_KEYS.c.key, "keys"))
)

# The fields that are read as they stand, in the order in which the queries name them.
STATE_FIELDS: Final = tuple(name for name in StoryState.__struct_fields__ if name != "is_page_due")
SIGHTING_FIELDS: Final = tuple(KnownSighting.__struct_fields__)

# By its run: of a story that a person hid afterwards, the moment is gone, and no feed admits it a second time.
_IS_RELEVANT: Final = _STORIES.c.relevant_run_id.is_not(None)
_OF_A_STORY: Final = (
    *(_IS_RELEVANT.label(name) if name == "is_relevant" else _STORIES.c[name] for name in STATE_FIELDS),
    *(_STORIES.c[name] for name in ("id", "uid", "page_state", "merged_into")),
    _STORIES.c.withdrawn_at.is_not(None).label("is_withdrawn"),
)
STORY_COLUMNS: Final = len(_OF_A_STORY)

# ids
STORIES: Final = select(*_OF_A_STORY).where(is_one_of(_STORIES.c.id, "ids"))

# ids; with the text
WHOLE_STORIES: Final = STORIES.add_columns(_VERSIONS.c.text).join(
    _VERSIONS, _VERSIONS.c.id == _STORIES.c.version_id, isouter=True
)

_OF_A_FEED: Final = {
    "position": _FEEDS.c.position,
    "is_active": and_(_FEEDS.c.is_active, _FEEDS.c.state != "gone"),
}
_OF_A_SIGHTING: Final = (
    *(
        (_OF_A_FEED[name] if name in _OF_A_FEED else _SIGHTINGS.c[name]).label(f"seen_{name}")
        for name in SIGHTING_FIELDS
    ),
    _SIGHTINGS.c.story_id,
)
_OF_THE_FEED: Final = _FEEDS.c.id == _SIGHTINGS.c.feed_id

# feed, digests; the feed's sightings with these entries, behind the columns of their stories
GLIMPSES: Final = (
    select(*_OF_A_STORY, *_OF_A_SIGHTING)
    .join(_FEEDS, _OF_THE_FEED)
    .join(_STORIES, _STORIES.c.id == _SIGHTINGS.c.story_id)
    .where(_SIGHTINGS.c.feed_id == _FEED, _HAS_DIGEST)
    .order_by(_SIGHTINGS.c.id.desc())
)

# ids
SIGHTINGS: Final = select(*_OF_A_SIGHTING).join(_FEEDS, _OF_THE_FEED).where(is_one_of(_SIGHTINGS.c.story_id, "ids"))

# ids, feed
SIGHTINGS_OF_FEED: Final = SIGHTINGS.where(_SIGHTINGS.c.feed_id == _FEED)

# More sightings of one moment than these tell nothing apart.
MOST_EARLIER: Final = 200
_EARLIER: Final = (
    select(
        func.coalesce(_STORIES.c.merged_into, _STORIES.c.id).label("story_id"),
        *(_SIGHTINGS.c[name] for name in ("title", "text_hash", "content_hash", "published_at")),
    )
    .join(_STORIES, _STORIES.c.id == _SIGHTINGS.c.story_id)
    .where(_SIGHTINGS.c.feed_id == _FEED)
    .order_by(_SIGHTINGS.c.id.desc())
    .limit(MOST_EARLIER)
)

# feed, moments
AT_MOMENTS: Final = _EARLIER.where(is_one_of(_SIGHTINGS.c.published_at, "moments"))

# feed, contents
UNDATED: Final = _EARLIER.where(is_one_of(_SIGHTINGS.c.content_hash, "contents"), _SIGHTINGS.c.published_at.is_(None))

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
    .where(is_one_of(_VERSIONS.c.story_id, "ids"))
    .order_by(_VERSIONS.c.number)
)

# ids, feed
KEYS_FROM_FEED: Final = select(_KEYS.c.story_id, _KEYS.c.kind, _KEYS.c.scope, _KEYS.c.key).where(
    is_one_of(_KEYS.c.story_id, "ids"),
    _KEYS.c.feed_id == _FEED,
    or_(_KEYS.c.kind == KeyKind.GUID, _KEYS.c.kind == KeyKind.URL),
)

"""Where a story comes from: who showed it when, what was asked of whom, and which original bytes are kept."""

import logging
from datetime import datetime

import zstandard
from msgspec import Struct
from sqlalchemy import Connection, select

from models.errors import DocumentDamaged, NotFound
from models.storage.packing import TextPacker
from models.tables.documents import RawBlob
from models.tables.feeds import Feed
from models.tables.runs import Fetch
from models.tables.stories import Sighting, Story, StoryVersion

log = logging.getLogger(__name__)


class ShownBy(Struct, frozen=True, kw_only=True):
    """A feed that shows a story."""

    feed_id: str
    name: str
    url: str | None  # the story's address in that feed
    first_seen_at: datetime
    first_run_id: int


class PageRequest(Struct, frozen=True, kw_only=True):
    """A request that was made for a story's page."""

    run_id: int
    url: str
    started_at: datetime
    elapsed_ms: int
    status: int | None
    digest: str | None
    size_bytes: int
    message: str | None


class Original(Struct, frozen=True, kw_only=True):
    """The bytes that a version was read from."""

    number: int
    digest: str | None  # of the document in the raw store; None: only the feed's entry is kept, with the version
    content_type: str | None
    size_bytes: int | None
    has_entry: bool


class StoryFacts(Struct, frozen=True, kw_only=True):
    """What else is known of a story."""

    html: str  # of the version that it shows; empty where it is damaged, as its text says the same
    published_raw: str | None
    is_zone_assumed: bool
    flapping: bool  # its page goes to and fro between texts
    text_source: str
    page_state: str
    page_reason: str | None
    version: int | None  # the number of the version that it shows


def facts_of(connection: Connection, story_id: int) -> StoryFacts:
    """Read what else is known of a story."""
    row = connection.execute(
        select(
            Story.published_raw,
            Story.is_zone_assumed,
            Story.flapping,
            Story.text_source,
            Story.page_state,
            Story.page_reason,
            StoryVersion.html,
            StoryVersion.text,
            StoryVersion.number.label("version"),
        )
        .join(StoryVersion, StoryVersion.id == Story.version_id, isouter=True)
        .where(Story.id == story_id)
    ).one()
    facts = row._asdict()
    html, text = facts.pop("html"), facts.pop("text")
    return StoryFacts(**facts, html=_html(story_id, html, text) if html else "")


def _html(story_id: int, packed: bytes, text: str) -> str:
    try:
        return TextPacker(text).unpack(packed).decode()
    except zstandard.ZstdError as error:
        log.warning("The HTML of story %d is damaged (%s): its text is shown.", story_id, error)
        return ""


def shown_by(connection: Connection, story_id: int) -> list[ShownBy]:
    """Return the feeds that show a story, the one that showed it first in front."""
    query = (
        select(Sighting.feed_id, Feed.name, Sighting.url, Sighting.first_seen_at, Sighting.first_run_id)
        .join(Feed, Feed.id == Sighting.feed_id)
        .where(Sighting.story_id == story_id)
        .order_by(Sighting.first_seen_at, Feed.position, Feed.id)
    )
    return [ShownBy(**row._asdict()) for row in connection.execute(query)]


def requests_for(connection: Connection, story_id: int, most: int = 20) -> list[PageRequest]:
    """Return the latest requests for a story's page, the newest first; older ones may have been pruned."""
    columns = [getattr(Fetch, name) for name in PageRequest.__struct_fields__]
    query = select(*columns).where(Fetch.story_id == story_id).order_by(Fetch.id.desc()).limit(most)
    return [PageRequest(**row._asdict()) for row in connection.execute(query)]


def originals_of(connection: Connection, story_id: int) -> list[Original]:
    """Return what is kept of the bytes behind each version of a story, the oldest first."""
    query = (
        select(StoryVersion.number, StoryVersion.raw_digest.label("digest"), RawBlob.content_type, RawBlob.size_bytes)
        .add_columns(StoryVersion.raw_entry.is_not(None).label("has_entry"))
        .join(RawBlob, RawBlob.digest == StoryVersion.raw_digest, isouter=True)
        .where(StoryVersion.story_id == story_id)
        .order_by(StoryVersion.number)
    )
    return [Original(**row._asdict() | {"has_entry": bool(row.has_entry)}) for row in connection.execute(query)]


def entry_of(connection: Connection, story_id: int, number: int) -> bytes:
    """Return the feed's entry that a version was read from, as JSON: its title, HTML and base address.

    Raise NotFound where none is kept, DocumentDamaged where it cannot be unpacked.
    """
    query = select(StoryVersion.raw_entry, StoryVersion.text)
    kept = connection.execute(query.where(StoryVersion.story_id == story_id, StoryVersion.number == number)).first()
    if kept is None or kept.raw_entry is None:
        raise NotFound(f"No entry is kept of version {number} of story {story_id}.")
    try:
        return TextPacker(kept.text).unpack(kept.raw_entry)
    except zstandard.ZstdError as error:
        raise DocumentDamaged(f"The entry of version {number} of story {story_id} is damaged: {error}.") from None

"""Feeds as the archive keeps them: what feeds.yaml says, and what the nights have taught."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Connection, bindparam, select, update

from models.archive.ledger.changes import log_shown
from models.changes import ChangeKind
from models.identity import PAGE_SOURCE
from models.stages import FeedSpec, Taxonomy
from models.storage.database import Conflict, upsert
from models.tables.feeds import Feed
from models.tables.keys import table_of
from models.tables.labels import TopicRow
from models.tables.stories import Sighting

_FEEDS, _SIGHTINGS = table_of(Feed), table_of(Sighting)
IMPORT_POSITION = 1_000_000  # an imported document stands behind every feed of feeds.yaml


class FeedState(StrEnum):
    """How a feed is asked."""

    ACTIVE = "active"  # every night
    DORMANT = "dormant"  # once a week, after ten failing nights
    GONE = "gone"  # not any more: it said 410


class FeedMemory(Struct, frozen=True, kw_only=True):
    """What the archive has learnt of a feed."""

    id: str
    current_url: str
    etag: str | None = None
    last_modified: str | None = None
    document_digest: str | None = None  # of the latest document
    parsed_as: str | None = None  # the parser and the feed's settings that read it to its end
    unconditional_at: datetime | None = None  # when it was last asked without validators
    next_attempt_at: datetime | None = None
    failure_points: float = 0.0
    failing_nights: int = 0
    state: str = FeedState.ACTIVE.value
    state_reason: str | None = None
    last_success_at: datetime | None = None
    failing_since: datetime | None = None  # the first failure since its last success
    failed_at: datetime | None = None  # the failing night that was counted last
    moved_to: str | None = None  # where permanent redirects lead, as long as that is not believed
    moved_since: datetime | None = None  # when they led elsewhere for the first time
    moved_at: datetime | None = None  # the night that was counted last
    moved_nights: int = 0  # on which they led to a document that shares entries with the ones before
    gap_at: datetime | None = None  # when a document last shared no entry with the one before


_SAID = ("name", "url", "language", "country", "relevance", "full_text", "position", "is_active", "rights")
# What an address has taught, and another must teach anew.
_OF_THE_ADDRESS: Final = (
    *("etag", "last_modified", "unconditional_at", "next_attempt_at", "parsed_as", "state_reason"),
    *("failing_since", "failed_at", "moved_to", "moved_since", "moved_at"),
)
_LEARNT = tuple(name for name in FeedMemory.__struct_fields__ if name != "id")
_REMEMBER: Final = (
    update(_FEEDS).where(_FEEDS.c.id == bindparam("feed")).values({name: bindparam(name) for name in _LEARNT})
)


def sync_feeds(connection: Connection, specs: Iterable[FeedSpec], now: datetime) -> None:
    """Bring the feeds in step with feeds.yaml. An edited address forgets what the old one taught; none is deleted.

    Another name is a change of all stories that a feed shows: they are read under it.
    """
    rows = [_spec_row(spec) | {"current_url": spec.url, "created_at": now} for spec in specs]
    forgotten: dict[str, Any] = dict.fromkeys(_OF_THE_ADDRESS)
    edited = {row["id"]: row["url"] for row in rows}
    names = {row["id"]: row["name"] for row in rows}
    stored = connection.execute(select(_FEEDS.c.id, _FEEDS.c.url, _FEEDS.c.name)).all()
    for feed_id in [one.id for one in stored if edited.get(one.id, one.url) != one.url]:
        fresh = {"current_url": edited[feed_id], "state": FeedState.ACTIVE.value, "failing_nights": 0}
        values = forgotten | fresh | {"failure_points": 0.0, "moved_nights": 0}
        connection.execute(update(_FEEDS).where(_FEEDS.c.id == feed_id).values(values))
    upsert(connection, _FEEDS, rows, Conflict(index_elements=("id",), update=_SAID))
    if renamed := [one.id for one in stored if names.get(one.id, one.name) != one.name]:
        shown = select(_SIGHTINGS.c.story_id).where(_SIGHTINGS.c.feed_id.in_(renamed))
        log_shown(connection, shown, ChangeKind.FACTS, now)
    gone = (_FEEDS.c.kind == "feed") & _FEEDS.c.id.not_in(list(edited))
    connection.execute(update(_FEEDS).where(gone).values(is_active=False))


def sync_topics(connection: Connection, taxonomy: Taxonomy) -> None:
    """Bring the topics in step with topics.yaml; one that was taken out stays, inactive."""
    topics = table_of(TopicRow)
    rows = [
        {"id": topic.id, "name": topic.name, "definition": topic.definition, "is_active": True}
        for topic in taxonomy.topics
    ]
    upsert(connection, topics, rows, Conflict(index_elements=("id",), update=("name", "definition", "is_active")))
    kept = [row["id"] for row in rows]
    connection.execute(update(topics).where(topics.c.id.not_in(kept)).values(is_active=False))


def ensure_import_source(connection: Connection, spec: FeedSpec, now: datetime) -> None:
    """Make the feed row that imported documents of one source stand under."""
    row = _spec_row(spec) | {"kind": "import", "current_url": "", "created_at": now}
    upsert(connection, _FEEDS, [row], Conflict(index_elements=("id",)))


def load_memories(connection: Connection) -> dict[str, FeedMemory]:
    """Read what is known of every feed."""
    columns = [_FEEDS.c[name] for name in ("id", *_LEARNT)]
    return {row.id: FeedMemory(**row._mapping) for row in connection.execute(select(*columns))}  # noqa: SLF001


def remember(connection: Connection, *memories: FeedMemory) -> None:
    """Write what a night has taught of feeds, one at least."""
    learnt = [asdict(memory) for memory in memories]
    connection.execute(_REMEMBER, [one | {"feed": one.pop("id")} for one in learnt])


def _spec_row(spec: FeedSpec) -> dict[str, Any]:
    assert spec.id != PAGE_SOURCE  # the loader refuses it
    return {
        "id": spec.id,
        "name": spec.name,
        "url": spec.url,
        "kind": "feed",
        "language": spec.language,
        "country": spec.country,
        "relevance": spec.relevance.value,
        "full_text": spec.full_text,
        "position": spec.position,
        "rights": spec.rights.value,
        "is_active": True,
        "failure_points": 0.0,
        "failing_nights": 0,
        "moved_nights": 0,
        "state": FeedState.ACTIVE.value,
    }

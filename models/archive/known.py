"""Read, inside the writer's transaction, all that identity must know of a document's entries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select
from sqlalchemy.sql import ColumnElement

from models.database import batches
from models.intents import KeyKind, KeyName, KeyOwner, Known, KnownSighting, KnownStory, KnownVersion, StoryState
from models.tables import Feed, Sighting, Story, StoryKey, StoryVersion

_OWN_SIGHTING = (
    Sighting.story_id,
    Sighting.feed_id,
    Sighting.guid,
    Sighting.url,
    Sighting.url_key,
    Sighting.entry_digest,
    Sighting.content_hash,
    Sighting.length_class,
    Sighting.title,
    Feed.position,
    Feed.is_active,
    Feed.state,
)


def known_digests(connection: Connection, feed_id: str, digests: Iterable[str]) -> frozenset[str]:
    """Return which of these entries the feed showed before, unchanged: a hint that saves cleaning them."""
    found: set[str] = set()
    for batch in batches(digests):
        mine = select(Sighting.entry_digest).where(Sighting.feed_id == feed_id, Sighting.entry_digest.in_(batch))
        found.update(connection.scalars(mine))
    return frozenset(found)


def load_known(connection: Connection, feed_id: str, digests: Sequence[str], names: Iterable[KeyName]) -> Known:
    """Read what is known of entries with these digests and key names.

    A story that is met by its unchanged entry alone comes without text, versions and other feeds' sightings: nothing
    of it will be compared.
    """
    by_digest = _by_digest(connection, feed_id, digests)
    owners = _owners(connection, names)
    full = {owner.story_id for owner in owners.values()}
    glimpsed = set(by_digest.values()) - full
    stories = _stories(connection, full, feed_id) | _glimpses(connection, glimpsed, feed_id)
    return Known(owners=owners, stories=stories, by_digest=by_digest)


def load_story(connection: Connection, story_id: int) -> KnownStory:
    """Read one story whole."""
    return _stories(connection, {story_id}, "")[story_id]


def load_named(connection: Connection, names: Iterable[KeyName]) -> tuple[KnownStory, ...]:
    """Read whole the stories that these keys lead to, in the order of their age; a shared key leads to none."""
    ids = {owner.story_id for owner in _owners(connection, names).values() if not owner.is_shared}
    return tuple(story for _, story in sorted(_stories(connection, ids, "").items()))


def _by_digest(connection: Connection, feed_id: str, digests: Sequence[str]) -> dict[str, int]:
    """Find the stories that this feed shows by these very entries; of a merged one, the story that it is part of."""
    found: dict[str, int] = {}
    for batch in batches(digests):
        rows = connection.execute(
            select(Sighting.entry_digest, Sighting.story_id, Story.merged_into)
            .join(Story, Story.id == Sighting.story_id)
            .where(Sighting.feed_id == feed_id, Sighting.entry_digest.in_(batch))
            .order_by(Sighting.id.desc())
        )
        found.update({row.entry_digest: row.merged_into or row.story_id for row in rows})
    return found


def _owners(connection: Connection, names: Iterable[KeyName]) -> dict[KeyName, KeyOwner]:
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in dict.fromkeys(names):
        groups[name.kind, name.scope].append(name.key)
    owners = {}
    for (kind, scope), keys in groups.items():
        for batch in batches(keys):
            is_one = and_(StoryKey.kind == kind, StoryKey.scope == scope, StoryKey.key.in_(batch))
            for row in connection.execute(
                select(StoryKey.key, StoryKey.story_id, StoryKey.is_shared, Story.merged_into)
                .join(Story, Story.id == StoryKey.story_id)
                .where(is_one)
            ):
                name = KeyName(kind=KeyKind(kind), scope=scope, key=row.key)
                owners[name] = KeyOwner(story_id=row.merged_into or row.story_id, is_shared=row.is_shared)
    return owners


def _stories(connection: Connection, ids: set[int], feed_id: str) -> dict[int, KnownStory]:
    found = {}
    for batch in batches(sorted(ids)):
        sightings = _sightings(connection, Sighting.story_id.in_(batch))
        versions = _versions(connection, batch)
        keys = _keys_from(connection, batch, feed_id)
        rows = connection.execute(
            select(Story.__table__, StoryVersion.text)
            .join(StoryVersion, StoryVersion.id == Story.version_id, isouter=True)
            .where(Story.id.in_(batch))
        )
        for row in rows:
            glimpse = _glimpse(row, sightings[row.id])
            found[row.id] = replace(
                glimpse, text=row.text or "", versions=tuple(versions[row.id]), keys=frozenset(keys[row.id])
            )
    return found


def _glimpses(connection: Connection, ids: set[int], feed_id: str) -> dict[int, KnownStory]:
    found = {}
    for batch in batches(sorted(ids)):
        is_mine = and_(Sighting.feed_id == feed_id, Sighting.story_id.in_(batch))
        sightings = _sightings(connection, is_mine)
        for row in connection.execute(select(Story.__table__).where(Story.id.in_(batch))):
            found[row.id] = _glimpse(row, sightings[row.id])
    return found


def _glimpse(row: Row[Any], sightings: Iterable[KnownSighting]) -> KnownStory:
    return KnownStory(
        id=row.id,
        uid=row.uid,
        state=_state(row),
        text="",
        is_withdrawn=row.withdrawn_at is not None,
        page_state=row.page_state,
        merged_into=row.merged_into,
        sightings=tuple(sightings),
        versions=(),
        keys=frozenset(),
    )


def _sightings(connection: Connection, which: ColumnElement[bool]) -> defaultdict[int, list[KnownSighting]]:
    found: defaultdict[int, list[KnownSighting]] = defaultdict(list)
    for row in connection.execute(select(*_OWN_SIGHTING).join(Feed, Feed.id == Sighting.feed_id).where(which)):
        found[row.story_id].append(
            KnownSighting(
                feed_id=row.feed_id,
                position=row.position,
                is_active=row.is_active and row.state != "gone",
                guid=row.guid,
                url=row.url,
                url_key=row.url_key,
                entry_digest=row.entry_digest,
                content_hash=row.content_hash,
                length_class=row.length_class,
                title=row.title,
            )
        )
    return found


def _versions(connection: Connection, story_ids: list[int]) -> defaultdict[int, list[KnownVersion]]:
    found: defaultdict[int, list[KnownVersion]] = defaultdict(list)
    columns = (
        StoryVersion.id,
        StoryVersion.number,
        StoryVersion.reason,
        StoryVersion.source,
        StoryVersion.run_id,
        StoryVersion.created_at,
        StoryVersion.content_hash,
        StoryVersion.extractor_version,
    )
    query = select(StoryVersion.story_id, *columns).where(StoryVersion.story_id.in_(story_ids))
    for row in connection.execute(query.order_by(StoryVersion.number)):
        story_id, *values = row
        names = (column.key for column in columns)
        found[story_id].append(KnownVersion(**dict(zip(names, values, strict=True))))
    return found


def _keys_from(connection: Connection, story_ids: list[int], feed_id: str) -> defaultdict[int, list[KeyName]]:
    found: defaultdict[int, list[KeyName]] = defaultdict(list)
    bare = or_(StoryKey.kind == KeyKind.GUID, StoryKey.kind == KeyKind.URL)
    rows = connection.execute(
        select(StoryKey.story_id, StoryKey.kind, StoryKey.scope, StoryKey.key).where(
            StoryKey.story_id.in_(story_ids), StoryKey.feed_id == feed_id, bare
        )
    )
    for row in rows:
        found[row.story_id].append(KeyName(kind=KeyKind(row.kind), scope=row.scope, key=row.key))
    return found


def _state(row: Row[Any]) -> StoryState:
    return StoryState(
        url=row.url,
        title=row.title,
        language=row.language,
        authors=tuple(row.authors),
        tags=tuple(row.tags),
        published_at=row.published_at,
        published_raw=row.published_raw,
        is_zone_assumed=row.is_zone_assumed,
        lead=row.lead,
        content_hash=row.content_hash,
        revisions=row.revisions,
        flapping=row.flapping,
        is_admitted=row.admitted_at is not None,
        is_page_due=False,
    )

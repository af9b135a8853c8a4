"""Read, inside the writer's transaction, all that identity must know of a document's entries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row

from models.archive._known_queries import (
    GLIMPSES,
    KEYS_FROM_FEED,
    OWNERS,
    SEEN,
    SIGHTINGS,
    SIGHTINGS_OF_FEED,
    STORIES,
    VERSIONS,
    WHOLE_STORIES,
)
from models.database import batches
from models.intents import KeyKind, KeyName, KeyOwner, Known, KnownSighting, KnownStory, KnownVersion, StoryState


def known_digests(connection: Connection, feed_id: str, digests: Iterable[str]) -> frozenset[str]:
    """Return which of these entries the feed showed before, unchanged: a hint that saves cleaning them."""
    found: set[str] = set()
    for batch in batches(digests):
        found.update(connection.scalars(SEEN, {"feed": feed_id, "digests": batch}))
    return frozenset(found)


def load_known(connection: Connection, feed_id: str, digests: Sequence[str], names: Iterable[KeyName]) -> Known:
    """Read what is known of entries with these digests and key names.

    A story that is met by its unchanged entry alone comes without text, versions and other feeds' sightings: nothing
    of it will be compared.
    """
    rows = _unchanged(connection, feed_id, digests)
    by_digest = {row.seen_entry_digest: row.merged_into or row.id for row in rows}
    owners = _owners(connection, names)
    full = {owner.story_id for owner in owners.values()}
    glimpsed = set(by_digest.values()) - full
    stories = {row.id: _glimpse(row, [_sighting(row)]) for row in rows if row.id in glimpsed}
    merged_into = glimpsed - stories.keys()  # they are shown by a story that became part of them
    stories |= _stories(connection, full, feed_id) | _glimpses(connection, merged_into, feed_id)
    return Known(owners=owners, stories=stories, by_digest=by_digest)


def load_story(connection: Connection, story_id: int) -> KnownStory:
    """Read one story whole."""
    return _stories(connection, {story_id}, "")[story_id]


def load_named(connection: Connection, names: Iterable[KeyName]) -> tuple[KnownStory, ...]:
    """Read whole the stories that these keys lead to, in the order of their age; a shared key leads to none."""
    ids = {owner.story_id for owner in _owners(connection, names).values() if not owner.is_shared}
    return tuple(story for _, story in sorted(_stories(connection, ids, "").items()))


def _unchanged(connection: Connection, feed_id: str, digests: Sequence[str]) -> list[Row[Any]]:
    """Find the stories that this feed shows by these very entries, the younger sightings first."""
    found: list[Row[Any]] = []
    for batch in batches(digests):
        found += connection.execute(GLIMPSES, {"feed": feed_id, "digests": batch})
    return found


def _owners(connection: Connection, names: Iterable[KeyName]) -> dict[KeyName, KeyOwner]:
    groups: dict[tuple[KeyKind, str], list[str]] = defaultdict(list)
    for name in dict.fromkeys(names):
        groups[name.kind, name.scope].append(name.key)
    owners = {}
    for (kind, scope), keys in groups.items():
        for batch in batches(keys):
            for row in connection.execute(OWNERS, {"kind": kind, "scope": scope, "keys": batch}):
                name = KeyName(kind=kind, scope=scope, key=row.key)
                owners[name] = KeyOwner(story_id=row.merged_into or row.story_id, is_shared=row.is_shared)
    return owners


def _stories(connection: Connection, ids: set[int], feed_id: str) -> dict[int, KnownStory]:
    found = {}
    for batch in batches(sorted(ids)):
        sightings = _sightings(connection.execute(SIGHTINGS, {"ids": batch}))
        versions = _versions(connection, batch)
        keys = _keys_from(connection, batch, feed_id)
        for row in connection.execute(WHOLE_STORIES, {"ids": batch}):
            glimpse = _glimpse(row, sightings[row.id])
            found[row.id] = replace(
                glimpse, text=row.text or "", versions=tuple(versions[row.id]), keys=frozenset(keys[row.id])
            )
    return found


def _glimpses(connection: Connection, ids: set[int], feed_id: str) -> dict[int, KnownStory]:
    found = {}
    for batch in batches(sorted(ids)):
        sightings = _sightings(connection.execute(SIGHTINGS_OF_FEED, {"ids": batch, "feed": feed_id}))
        for row in connection.execute(STORIES, {"ids": batch}):
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


def _sightings(rows: Iterable[Row[Any]]) -> defaultdict[int, list[KnownSighting]]:
    found: defaultdict[int, list[KnownSighting]] = defaultdict(list)
    for row in rows:
        found[row.seen_story_id].append(_sighting(row))
    return found


def _sighting(row: Row[Any]) -> KnownSighting:
    return KnownSighting(
        feed_id=row.seen_feed_id,
        position=row.feed_position,
        is_active=row.feed_is_active and row.feed_state != "gone",
        guid=row.seen_guid,
        url=row.seen_url,
        url_key=row.seen_url_key,
        entry_digest=row.seen_entry_digest,
        content_hash=row.seen_content_hash,
        length_class=row.seen_length_class,
        title=row.seen_title,
    )


def _versions(connection: Connection, story_ids: list[int]) -> defaultdict[int, list[KnownVersion]]:
    found: defaultdict[int, list[KnownVersion]] = defaultdict(list)
    for story_id, *values in connection.execute(VERSIONS, {"ids": story_ids}):
        found[story_id].append(KnownVersion(**dict(zip(KnownVersion.__dataclass_fields__, values, strict=True))))
    return found


def _keys_from(connection: Connection, story_ids: list[int], feed_id: str) -> defaultdict[int, list[KeyName]]:
    found: defaultdict[int, list[KeyName]] = defaultdict(list)
    for row in connection.execute(KEYS_FROM_FEED, {"ids": story_ids, "feed": feed_id}):
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

"""Read, inside the writer's transaction, all that identity must know of a document's entries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from msgspec.structs import replace
from sqlalchemy import Connection, Row

from models.archive._known_queries import (
    AT_MOMENTS,
    GLANCES,
    GLIMPSES,
    KEYS_FROM_FEED,
    OWNERS,
    SEEN,
    SIGHTING_FIELDS,
    SIGHTINGS,
    SIGHTINGS_OF_FEED,
    STATE_FIELDS,
    STORIES,
    STORY_COLUMNS,
    UNDATED,
    VERSIONS,
    WHOLE_STORIES,
)
from models.identity import (
    EarlierSighting,
    Glance,
    KeyKind,
    KeyName,
    KeyOwner,
    Known,
    KnownSighting,
    KnownStory,
    KnownVersion,
    StoryState,
)
from models.storage.database import batches


def known_digests(connection: Connection, feed_id: str, digests: Sequence[str]) -> frozenset[str]:
    """Return which of these entries the feed showed before, unchanged: a hint that saves cleaning them."""
    return frozenset(connection.scalars(SEEN, {"feed": feed_id, "digests": digests}))


def load_glances(connection: Connection, feed_id: str, digests: Sequence[str]) -> dict[str, Glance]:
    """Glance at the stories of entries that the feed showed before, unchanged; not where several show the same."""
    glances: dict[str, Glance] = {}
    doubtful: set[str] = set()
    rows = connection.execute(GLANCES, {"feed": feed_id, "digests": digests})
    for digest, is_open, is_relevant, is_followed in rows.all():
        if digest in glances:
            doubtful.add(digest)
        glances[digest] = Glance(is_open=is_open, is_relevant=is_relevant, is_followed=is_followed)
    return {digest: glance for digest, glance in glances.items() if digest not in doubtful}


class Lookup(Protocol):
    """What is to be looked up about the entries of one document; the later questions stand on earlier answers."""

    @property
    def feed_id(self) -> str:
        """Return the feed's id."""

    @property
    def digests(self) -> Sequence[str]:
        """Return the entries' digests."""

    def names(self) -> Iterable[KeyName]:
        """Return the entries' names."""

    def completed(self, shared: Collection[KeyName]) -> Iterable[KeyName]:
        """Return what ambiguous names become together with what is said under them."""

    def moments(self, owners: Mapping[KeyName, KeyOwner]) -> Sequence[datetime]:
        """Return the moments at which earlier sightings are asked for."""

    def contents(self, owners: Mapping[KeyName, KeyOwner]) -> Sequence[str]:
        """Return the content hashes for which undated earlier sightings are asked for."""

    def likely(self, earlier: Iterable[EarlierSighting]) -> set[int]:
        """Return the stories, of earlier sightings, that must be read whole."""


def load_known(connection: Connection, inquiry: Lookup) -> Known:
    """Read what is known of a document's entries, in a number of statements that does not hang on theirs.

    A story that is met by its unchanged entry alone comes without text, versions and other feeds' sightings: nothing
    of it will be compared.
    """
    feed_id = inquiry.feed_id
    rows = _unchanged(connection, feed_id, inquiry.digests)
    by_digest = {row.seen_entry_digest: row.merged_into or row.id for row in rows}
    owners = _owners(connection, inquiry.names())
    if shared := {name for name, owner in owners.items() if owner.is_ambiguous}:
        owners |= _owners(connection, inquiry.completed(shared))
    earlier = _earlier(connection, inquiry, owners)
    full = {owner.story_id for owner in owners.values()} | inquiry.likely(earlier)
    glimpsed = set(by_digest.values()) - full
    stories = {row.id: _glimpse(row, [_sighting(row[STORY_COLUMNS:])]) for row in rows if row.id in glimpsed}
    merged_into = glimpsed - stories.keys()  # they are shown by a story that became part of them
    stories |= _stories(connection, full, feed_id) | _glimpses(connection, merged_into, feed_id)
    return Known(owners=owners, stories=stories, by_digest=by_digest, earlier=earlier)


def _earlier(
    connection: Connection, inquiry: Lookup, owners: Mapping[KeyName, KeyOwner]
) -> tuple[EarlierSighting, ...]:
    rows: list[Row[Any]] = []
    if moments := inquiry.moments(owners):
        rows += connection.execute(AT_MOMENTS, {"feed": inquiry.feed_id, "moments": moments})
    if contents := inquiry.contents(owners):
        rows += connection.execute(UNDATED, {"feed": inquiry.feed_id, "contents": contents})
    return tuple(EarlierSighting(**row._mapping) for row in rows)  # noqa: SLF001 (SQLAlchemy's public name)


def load_story(connection: Connection, story_id: int) -> KnownStory:
    """Read one story whole."""
    return _stories(connection, {story_id}, "")[story_id]


def load_named(connection: Connection, names: Iterable[KeyName]) -> tuple[KnownStory, ...]:
    """Read whole the stories that these keys lead to, in the order of their age; a shared key leads to none."""
    ids = {owner.story_id for owner in _owners(connection, names).values() if not owner.is_ambiguous}
    return tuple(story for _, story in sorted(_stories(connection, ids, "").items()))


def _unchanged(connection: Connection, feed_id: str, digests: Sequence[str]) -> list[Row[Any]]:
    """Find the stories that this feed shows by these very entries, the younger sightings first."""
    return list(connection.execute(GLIMPSES, {"feed": feed_id, "digests": digests}).all())


def _owners(connection: Connection, names: Iterable[KeyName]) -> dict[KeyName, KeyOwner]:
    groups: dict[tuple[KeyKind, str], list[str]] = defaultdict(list)
    for name in dict.fromkeys(names):
        groups[name.kind, name.scope].append(name.key)
    owners = {}
    for (kind, scope), keys in groups.items():
        for row in connection.execute(OWNERS, {"kind": kind, "scope": scope, "keys": keys}):
            name, is_merged = KeyName(kind=kind, scope=scope, key=row.key), row.merged_into is not None
            story_id = row.merged_into or row.story_id
            owners[name] = KeyOwner(story_id=story_id, is_ambiguous=row.is_ambiguous, is_merged=is_merged)
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
        is_withdrawn=row.is_withdrawn,
        page_state=row.page_state,
        merged_into=row.merged_into,
        sightings=tuple(sightings),
        versions=(),
        keys=frozenset(),
    )


def _sightings(rows: Iterable[Row[Any]]) -> defaultdict[int, list[KnownSighting]]:
    found: defaultdict[int, list[KnownSighting]] = defaultdict(list)
    for row in rows:
        found[row.story_id].append(_sighting(row))
    return found


def _sighting(values: Iterable[Any]) -> KnownSighting:
    return KnownSighting(**dict(zip(SIGHTING_FIELDS, values, strict=False)))


def _versions(connection: Connection, story_ids: list[int]) -> defaultdict[int, list[KnownVersion]]:
    found: defaultdict[int, list[KnownVersion]] = defaultdict(list)
    for story_id, *values in connection.execute(VERSIONS, {"ids": story_ids}):
        found[story_id].append(KnownVersion(**dict(zip(KnownVersion.__struct_fields__, values, strict=True))))
    return found


def _keys_from(connection: Connection, story_ids: list[int], feed_id: str) -> defaultdict[int, list[KeyName]]:
    found: defaultdict[int, list[KeyName]] = defaultdict(list)
    for row in connection.execute(KEYS_FROM_FEED, {"ids": story_ids, "feed": feed_id}):
        found[row.story_id].append(KeyName(kind=KeyKind(row.kind), scope=row.scope, key=row.key))
    return found


def _state(values: Iterable[Any]) -> StoryState:
    described = dict(zip(STATE_FIELDS, values, strict=False))
    described |= {name: tuple(described[name]) for name in ("authors", "tags")}
    return StoryState(**described, is_page_due=False)

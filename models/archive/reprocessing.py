"""Stored texts for newer code: what they were made from, and how a better one takes its version's place.

Nothing here makes a version, a revision or a key, and nothing is removed but a text that a better one replaces.
"""

from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, Row, Select, exists, null, or_, select, update

from models.archive.ledger.changes import log_shown
from models.archive.ledger.counts import counting
from models.archive.stories import queue_for_reading, queue_for_search
from models.archive.texts.versions import (
    CodeVersions,
    NewText,
    place,
    point_to,
    write_texts,
)
from models.changes import ChangeKind
from models.identity import LoadContext, NewVersion, Outcome, VersionReason
from models.learnt import UNREAD, is_unread
from models.stages import ClassifiedStory, Source
from models.storage.packing import TextPacker
from models.tables.documents import RawBlob
from models.tables.keys import table_of
from models.tables.labels import ClassificationRow
from models.tables.runs import FeedRun
from models.tables.stories import Sighting, Story, StoryVersion

_STORIES, _VERSIONS, _SIGHTINGS = table_of(Story), table_of(StoryVersion), table_of(Sighting)
_LABELS = table_of(ClassificationRow)
BATCH: Final = 50  # texts read at once


class Selection(Struct, frozen=True, kw_only=True):
    """Which stored texts and documents are meant; nothing narrowed: all."""

    run_id: int | None = None  # those that this run brought
    feeds: tuple[str, ...] = ()
    since: datetime | None = None  # those that came at this moment or later


class StoredText(Struct, frozen=True, kw_only=True):
    """A version with what it was made from."""

    version_id: int
    story_id: int
    read_as: int  # the story; of a merged one, that which it is part of
    feed_id: str | None  # None: of an article page
    source: Source
    reason: VersionReason
    number: int
    title: str
    text: str
    content_hash: str
    extractor_version: str
    raw_entry: bytes | None  # packed beside the text
    raw_digest: str | None
    content_type: str
    url: str
    tags: tuple[str, ...]  # of its story, as the address and the language
    language: str | None
    is_current: bool
    replaced_hash: str | None
    replaced_version: str | None


class StoredDocument(Struct, frozen=True, kw_only=True):
    """A feed document in the raw store."""

    digest: str
    content_type: str
    feed_id: str


class Remade(Struct, frozen=True, kw_only=True):
    """What newer code made of a stored text."""

    stored: StoredText
    classified: ClassifiedStory
    title: str  # of the version: the text's own, or another feed's, which stays


def stored_texts(connection: Connection, selection: Selection, after: int) -> list[StoredText]:
    """Return the next versions beyond a version's number, the oldest first; of withdrawn stories there are none."""
    query = (
        select(
            _VERSIONS,
            _STORIES.c.url,
            _STORIES.c.tags,
            _STORIES.c.language,
            _STORIES.c.version_id.label("current_id"),
            _STORIES.c.merged_into,
            RawBlob.content_type,
        )
        .join(_STORIES, _STORIES.c.id == _VERSIONS.c.story_id)
        .join(RawBlob, RawBlob.digest == _VERSIONS.c.raw_digest, isouter=True)
        .where(_VERSIONS.c.id > after)
        .order_by(_VERSIONS.c.id)
        .limit(BATCH)
    )
    return [_stored(row) for row in connection.execute(_narrowed(query, selection))]


def stored_documents(connection: Connection, selection: Selection) -> list[StoredDocument]:
    """Return the feed documents that are still kept, each once for the feed that showed it, the oldest first."""
    query = (
        select(FeedRun.document_digest, FeedRun.feed_id, RawBlob.content_type)
        .join(RawBlob, RawBlob.digest == FeedRun.document_digest)
        .where(RawBlob.kind == Source.FEED.value)
        .order_by(FeedRun.finished_at, FeedRun.feed_id)
    )
    if selection.run_id is not None:
        query = query.where(FeedRun.run_id == selection.run_id)
    if selection.feeds:
        query = query.where(FeedRun.feed_id.in_(selection.feeds))
    if selection.since is not None:
        query = query.where(FeedRun.finished_at >= selection.since)
    found = {
        (digest, feed_id): StoredDocument(digest=digest, feed_id=feed_id, content_type=content_type)
        for digest, feed_id, content_type in connection.execute(query).tuples()
        if digest is not None
    }
    return list(found.values())


def rewrite(connection: Connection, remade: Remade, context: LoadContext, code: CodeVersions) -> Outcome:
    """Let what newer code made of a text take its place, where text or labels differ; the hash it had stays.

    Nothing is done where the text has gone or changed since it was read: an import, or a takedown, came between.
    """
    now = _as_it_is(connection, remade.stored)
    if now is None:
        return Outcome.UNCHANGED
    remade = replace(remade, stored=now)
    stored, classified = now, remade.classified
    is_same = classified.story.content_hash == stored.content_hash
    mine = update(_VERSIONS).where(_VERSIONS.c.id == stored.version_id)
    if is_same and _is_judged(connection, stored, classified):
        connection.execute(mine.values(extractor_version=code.extractor))
        return Outcome.UNCHANGED
    placed = place(connection, [_new_text(remade)])
    has_lost = write_texts(connection, placed, context, code)
    if is_same:  # then nothing was replaced
        replaced = {"replaced_hash": stored.replaced_hash, "replaced_extractor_version": stored.replaced_version}
        connection.execute(mine.values(replaced))
    else:
        _follow(connection, remade, context)
    if stored.is_current:
        with counting(connection, [stored.story_id]):
            point_to(connection, placed)
        if is_unread(classified.classification.classifier_version):
            queue_for_reading(connection, [stored.story_id], context.now)
    if has_lost or (stored.is_current and stored.read_as == stored.story_id):
        kind = ChangeKind.LABELS if is_same else ChangeKind.TEXT
        log_shown(connection, [stored.read_as], kind, context.now, context.run_id)
    return Outcome.UPDATED


def _as_it_is(connection: Connection, stored: StoredText) -> StoredText | None:
    """Return a text with how its story is read now; None where it is not there any more as it was."""
    query = select(_VERSIONS.c.content_hash, _STORIES.c.version_id, _STORIES.c.merged_into)
    query = query.join(_STORIES, _STORIES.c.id == _VERSIONS.c.story_id).where(_VERSIONS.c.id == stored.version_id)
    row = connection.execute(query).one_or_none()
    if row is None or row.content_hash != stored.content_hash:
        return None
    return replace(stored, is_current=row.version_id == stored.version_id, read_as=row.merged_into or stored.story_id)


def _narrowed(query: Select[Any], selection: Selection) -> Select[Any]:
    if selection.run_id is not None:
        query = query.where(_VERSIONS.c.run_id == selection.run_id)
    if selection.since is not None:
        query = query.where(_VERSIONS.c.created_at >= selection.since)
    if selection.feeds:
        shown = exists(
            select(null()).where(
                _SIGHTINGS.c.story_id == _VERSIONS.c.story_id, _SIGHTINGS.c.feed_id.in_(selection.feeds)
            )
        )
        of_page = _VERSIONS.c.feed_id.is_(None) & shown
        query = query.where(or_(_VERSIONS.c.feed_id.in_(selection.feeds), of_page))
    return query


def _stored(row: Row[Any]) -> StoredText:
    return StoredText(
        version_id=row.id,
        story_id=row.story_id,
        read_as=row.merged_into or row.story_id,
        feed_id=row.feed_id,
        source=Source(row.source),
        reason=VersionReason(row.reason),
        number=row.number,
        title=row.title,
        text=row.text,
        content_hash=row.content_hash,
        extractor_version=row.extractor_version,
        raw_entry=row.raw_entry,
        raw_digest=row.raw_digest,
        content_type=row.content_type or "",
        url=row.url or "",
        tags=tuple(row.tags),
        language=row.language,
        is_current=row.current_id == row.id,
        replaced_hash=row.replaced_hash,
        replaced_version=row.replaced_extractor_version,
    )


def _new_text(remade: Remade) -> NewText:
    stored = remade.stored
    return NewText(
        story_id=stored.story_id,
        version=NewVersion(reason=stored.reason, number=stored.number, in_place_of=stored.version_id),
        classified=remade.classified,
        title=remade.title,
        source=stored.source,
        feed_id=stored.feed_id,
        raw_entry=TextPacker(stored.text).unpack(stored.raw_entry) if stored.raw_entry else None,
        raw_digest=stored.raw_digest,
    )


def _follow(connection: Connection, remade: Remade, context: LoadContext) -> None:
    """Take the new hash wherever the old one stood for this text, so that the next night sees no change in it."""
    stored, new_hash = remade.stored, remade.classified.story.content_hash
    is_shown = (_SIGHTINGS.c.story_id == stored.story_id) & (_SIGHTINGS.c.content_hash == stored.content_hash)
    connection.execute(update(_SIGHTINGS).where(is_shown).values(content_hash=new_hash))
    if not stored.is_current:
        return
    story = update(_STORIES).where(_STORIES.c.id == stored.story_id)
    connection.execute(story.where(_STORIES.c.content_hash == stored.content_hash).values(content_hash=new_hash))
    connection.execute(story.where(_STORIES.c.title == stored.title).values(title=remade.title))
    queue_for_search(connection, [stored.story_id], context.now)


def _is_judged(connection: Connection, stored: StoredText, classified: ClassifiedStory) -> bool:
    """Tell whether today's topics have judged this text, by both readers or so far by the first."""
    today = classified.classification.classifier_version
    versions = (today, today.removesuffix(UNREAD))
    mine = (_LABELS.c.version_id == stored.version_id) & _LABELS.c.classifier_version.in_(versions)
    return connection.execute(select(_LABELS.c.id).where(mine).limit(1)).first() is not None

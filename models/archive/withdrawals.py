"""A takedown: a story's words leave the archive; its keys and a tombstone stay, so that it never returns."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, delete, or_, select, update

from models.archive.ledger.changes import log_changes, told_among
from models.archive.ledger.counts import counting
from models.archive.texts.copies import forget_copies
from models.archive.texts.search_queue import erase_stories
from models.changes import ChangeKind
from models.tables.corrections import CorrectionRow
from models.tables.documents import Quarantine, RawBlob
from models.tables.feeds import Feed
from models.tables.keys import table_of
from models.tables.labels import ClassificationRow
from models.tables.queues import SearchQueue, VectorQueue
from models.tables.runs import FeedRun, Fetch
from models.tables.stories import Sighting, Story, StoryVersion
from models.tables.vectors import StoryVector

_STORIES, _VERSIONS, _SIGHTINGS = table_of(Story), table_of(StoryVersion), table_of(Sighting)
_FETCHES, _BLOBS, _FEED_RUNS = table_of(Fetch), table_of(RawBlob), table_of(FeedRun)
_LABELS, _QUEUE, _QUARANTINE = table_of(ClassificationRow), table_of(SearchQueue), table_of(Quarantine)
_VECTORS, _VECTOR_QUEUE = table_of(StoryVector), table_of(VectorQueue)
_CORRECTIONS = table_of(CorrectionRow)


class Withdrawal(Struct, frozen=True, kw_only=True):
    """What went, and what stays."""

    story_ids: tuple[int, ...]  # the story and those that became part of it
    versions: int  # deleted
    pages: tuple[str, ...]  # digests of pages and imports without a name now: their bytes are to be deleted
    documents: tuple[str, ...]  # digests of whole documents that brought it and hold other stories too: they stay


def uids_of(connection: Connection, story_ids: Sequence[int]) -> Sequence[str]:
    """Return the names by which others know these stories."""
    return connection.scalars(select(_STORIES.c.uid).where(_STORIES.c.id.in_(story_ids))).all()


def unwithdrawn_story(connection: Connection, uid: str) -> int | None:
    """Return the story of this uid, or None where there is none or it is withdrawn already."""
    return connection.scalar(select(_STORIES.c.id).where(_STORIES.c.uid == uid, _STORIES.c.withdrawn_at.is_(None)))


def withdraw_story(connection: Connection, story_id: int, reason: str, now: datetime) -> Withdrawal:
    """Take a story's titles, texts, labels, authors and pages out, with those of the stories merged into it.

    A story withdrawn before keeps its day and reason; what may be left of it goes.
    """
    is_part = or_(_STORIES.c.id == story_id, _STORIES.c.merged_into == story_id)
    ids = tuple(connection.scalars(select(_STORIES.c.id).where(is_part).order_by(_STORIES.c.id)))
    own = {*_pages_of(connection, ids), *_imports_of(connection, ids)}
    documents = _documents_of(connection, ids)
    # Whoever was told of one holds its words, also where it was hidden or merged since.
    told = told_among(connection, ids)
    erase_stories(connection, ids)
    with counting(connection, ids):
        _bury(connection, ids, reason, now)
    log_changes(connection, [(one, ChangeKind.WITHDRAWN) for one in ids], told, now)
    forget_copies(connection, ids, now)
    for rows in (_LABELS, _CORRECTIONS, _QUEUE, _VECTORS, _VECTOR_QUEUE):
        connection.execute(delete(rows).where(rows.c.story_id.in_(ids)))
    versions = connection.execute(delete(_VERSIONS).where(_VERSIONS.c.story_id.in_(ids))).rowcount
    connection.execute(update(_SIGHTINGS).where(_SIGHTINGS.c.story_id.in_(ids)).values(title=""))
    unnamed = [digest for digest in sorted(own) if not _is_cited(connection, digest, ids)]
    # A page that was not understood is cited by its quarantine row alone, which goes with it.
    connection.execute(delete(_QUARANTINE).where(_QUARANTINE.c.document_digest.in_(unnamed)))
    connection.execute(delete(_BLOBS).where(_BLOBS.c.digest.in_(unnamed)))
    return Withdrawal(story_ids=ids, versions=versions, pages=tuple(unnamed), documents=_named(connection, documents))


def _bury(connection: Connection, ids: Sequence[int], reason: str, now: datetime) -> None:
    """Leave of the rows what names the story: uid, address, keys, moments, runs."""
    emptied: dict[str, Any] = {"title": "", "authors": [], "tags": [], "version_id": None, "classification_id": None}
    no_page = dict.fromkeys(("page_reason", "page_due_at", "page_etag", "page_digest", "page_pending_hash"))
    connection.execute(update(_STORIES).where(_STORIES.c.id.in_(ids)).values(emptied | no_page))
    fresh = update(_STORIES).where(_STORIES.c.id.in_(ids), _STORIES.c.withdrawn_at.is_(None))
    connection.execute(fresh.values(withdrawn_at=now, withdrawn_reason=reason))


def _pages_of(connection: Connection, ids: Sequence[int]) -> list[str]:
    """Return the documents that were fetched for these stories alone: bodies of requests made for them, kept or not."""
    of_versions = select(_VERSIONS.c.raw_digest).where(_VERSIONS.c.story_id.in_(ids), _VERSIONS.c.source == "page")
    of_requests = select(_FETCHES.c.digest).where(_FETCHES.c.story_id.in_(ids))
    return sorted({digest for query in (of_versions, of_requests) for digest in connection.scalars(query) if digest})


def _imports_of(connection: Connection, ids: Sequence[int]) -> set[str]:
    """Return the documents that were handed in and gave these stories a text."""
    imported = select(_VERSIONS.c.raw_digest).where(_VERSIONS.c.story_id.in_(ids), _VERSIONS.c.source == "import")
    return {digest for digest in connection.scalars(imported) if digest}


def _documents_of(connection: Connection, ids: Sequence[int]) -> set[str]:
    """Return the feed and import documents that first showed these stories or gave them a text."""
    brought = (_VERSIONS.c.run_id == _FEED_RUNS.c.run_id) & (_VERSIONS.c.feed_id == _FEED_RUNS.c.feed_id)
    seen = (_SIGHTINGS.c.first_run_id == _FEED_RUNS.c.run_id) & (_SIGHTINGS.c.feed_id == _FEED_RUNS.c.feed_id)
    digests = _FEED_RUNS.c.document_digest
    queries = (
        select(digests).join(_VERSIONS, brought).where(_VERSIONS.c.story_id.in_(ids)),
        select(digests).join(_SIGHTINGS, seen).where(_SIGHTINGS.c.story_id.in_(ids)),
    )
    shown = {digest for query in queries for digest in connection.scalars(query) if digest}
    return shown | _imports_of(connection, ids)


def _named(connection: Connection, digests: Iterable[str]) -> tuple[str, ...]:
    kept = select(_BLOBS.c.digest).where(_BLOBS.c.digest.in_(list(digests)))
    return tuple(connection.scalars(kept.order_by(_BLOBS.c.digest)))


def _is_cited(connection: Connection, digest: str, ids: Sequence[int]) -> bool:
    """Tell whether anything but these stories rests on a document."""
    citations = (
        select(_VERSIONS.c.id).where(_VERSIONS.c.raw_digest == digest),
        select(_STORIES.c.id).where(_STORIES.c.page_digest == digest, _STORIES.c.id.not_in(ids)),
        select(_FETCHES.c.id).where(
            _FETCHES.c.digest == digest, or_(_FETCHES.c.story_id.is_(None), _FETCHES.c.story_id.not_in(ids))
        ),
        select(_FEED_RUNS.c.run_id).where(_FEED_RUNS.c.document_digest == digest),
        select(Feed.id).where(Feed.document_digest == digest),
    )
    return any(connection.execute(citation.limit(1)).first() for citation in citations)

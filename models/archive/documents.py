"""Documents in the raw store by name, and the inputs that could not be understood."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, exists, null, select

from models._columns import columns_of
from models._keys import table_of
from models.archive.ledger import Errand
from models.database import Conflict, batches, upsert
from models.stages import EntryFailure, Problem
from models.tables import Feed, FeedRun, Quarantine, RawBlob, StoryVersion

_QUARANTINE = table_of(Quarantine)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An original in the raw store."""

    digest: str
    kind: str  # feed | page | import
    content_type: str
    size_bytes: int


def record_document(connection: Connection, document: Document, now: datetime) -> None:
    """Name a document of the raw store."""
    rows = [columns_of(document) | {"first_seen_at": now}]
    upsert(connection, table_of(RawBlob), rows, Conflict(index_elements=("digest",)))


def forget_document(connection: Connection, digest: str) -> bool:
    """Drop the name of a feed document that gave nothing, unless something cites it; tell whether it is gone."""
    feed_runs, versions = table_of(FeedRun), table_of(StoryVersion)
    gave = (feed_runs.c.versions > 0) | (feed_runs.c.failed > 0)
    citations = (
        select(feed_runs.c.run_id).where(feed_runs.c.document_digest == digest, gave),
        select(Feed.id).where(Feed.document_digest == digest),
        select(versions.c.id).where(versions.c.raw_digest == digest),
    )
    if any(connection.execute(citation.limit(1)).first() for citation in citations):
        return False
    connection.execute(delete(RawBlob).where(RawBlob.digest == digest))
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """Where and by which code inputs were not understood."""

    errand: Errand
    document_digest: str | None
    code_version: str
    traceback: str | None = None  # of a bug


def quarantine(connection: Connection, where: Quarantined, failures: Iterable[EntryFailure], now: datetime) -> None:
    """Keep inputs that were not understood, once for each code version that tried."""
    rows = [
        {
            "feed_id": where.errand.feed_id,
            "digest": failure.digest,
            "stage": failure.stage,
            "code_version": where.code_version,
            "error": failure.problem.error,
            "message": failure.problem.message,
            "traceback": where.traceback,
            "document_digest": where.document_digest,
            "run_id": where.errand.run_id,
            "first_seen_at": now,
        }
        for failure in failures
    ]
    conflict = Conflict(index_elements=("feed_id", "digest", "stage", "code_version"))
    upsert(connection, table_of(Quarantine), rows, conflict)


def tried_digests(
    connection: Connection, feed_id: str, digests: Iterable[str], code_version: str
) -> dict[str, Problem]:
    """Return which of these entries this code has tried and not understood: only newer code tries them again."""
    tried = {}
    for batch in batches(digests):
        query = select(_QUARANTINE.c.digest, _QUARANTINE.c.error, _QUARANTINE.c.message).where(
            _QUARANTINE.c.feed_id == feed_id,
            _QUARANTINE.c.digest.in_(batch),
            _QUARANTINE.c.code_version == code_version,
        )
        tried.update({r.digest: Problem(error=r.error, message=r.message) for r in connection.execute(query)})
    return tried


def has_untried_failures(connection: Connection, feed_id: str, document_digest: str, code_version: str) -> bool:
    """Tell whether a document holds an entry that other code failed on and this code has not tried."""
    mine = _QUARANTINE.alias()
    is_tried = exists(
        select(null()).where(
            mine.c.feed_id == feed_id, mine.c.digest == _QUARANTINE.c.digest, mine.c.code_version == code_version
        )
    )
    query = select(_QUARANTINE.c.id).where(
        _QUARANTINE.c.feed_id == feed_id,
        _QUARANTINE.c.document_digest == document_digest,
        _QUARANTINE.c.code_version != code_version,
        ~is_tried,
    )
    return connection.execute(query.limit(1)).first() is not None


def content_type_of(connection: Connection, digest: str) -> str:
    """Return how a stored document was announced."""
    return connection.scalar(select(RawBlob.content_type).where(RawBlob.digest == digest)) or ""


def unnamed(connection: Connection, digests: Iterable[str]) -> list[str]:
    """Return which of these documents have no name: their bytes may go."""
    named: set[str] = set()
    wanted = list(digests)
    for batch in batches(wanted):
        named.update(connection.scalars(select(RawBlob.digest).where(RawBlob.digest.in_(batch))))
    return [digest for digest in wanted if digest not in named]

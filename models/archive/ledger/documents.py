"""Documents in the raw store by name, and the inputs that could not be understood."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import BindParameter, Connection, bindparam, delete, exists, null, select

from models._sql.lists import is_one_of
from models.archive.ledger.runs import RequestOwner
from models.reports import FeedStatus
from models.stages import EntryFailure, Problem
from models.storage.database import Conflict, batches, upsert
from models.tables.documents import Quarantine, RawBlob
from models.tables.feeds import Feed
from models.tables.keys import table_of
from models.tables.runs import FeedRun
from models.tables.stories import StoryVersion

_BLOBS, _FEEDS, _FEED_RUNS = table_of(RawBlob), table_of(Feed), table_of(FeedRun)
_QUARANTINE, _VERSIONS = table_of(Quarantine), table_of(StoryVersion)

# Built once: each is asked for every document.
_DOCUMENT: Final[BindParameter[str]] = bindparam("document")
_WAS_UNREAD: Final = _FEED_RUNS.c.status == FeedStatus.FAILED.value  # the document as a whole was not understood
_GAVE: Final = (_FEED_RUNS.c.versions > 0) | (_FEED_RUNS.c.failed > 0) | _WAS_UNREAD
_FORGET: Final = delete(_BLOBS).where(
    _BLOBS.c.digest == _DOCUMENT,
    ~exists(select(null()).where(_FEED_RUNS.c.document_digest == _DOCUMENT, _GAVE)),
    ~exists(select(null()).where(_FEEDS.c.document_digest == _DOCUMENT)),
    ~exists(select(null()).where(_VERSIONS.c.raw_digest == _DOCUMENT)),
)
_TRIED: Final = select(_QUARANTINE.c.digest, _QUARANTINE.c.error, _QUARANTINE.c.message).where(
    _QUARANTINE.c.feed_id == bindparam("feed"),
    is_one_of(_QUARANTINE.c.digest, "digests"),
    _QUARANTINE.c.code_version == bindparam("code"),
)


class Document(Struct, frozen=True, kw_only=True):
    """An original in the raw store."""

    digest: str
    kind: str  # feed | page | import
    content_type: str
    size_bytes: int


def record_document(connection: Connection, document: Document, met_at: datetime) -> None:
    """Name a document of the raw store; one that has its name keeps the moment at which it was met first."""
    rows = [asdict(document) | {"first_seen_at": met_at}]
    upsert(connection, table_of(RawBlob), rows, Conflict(index_elements=("digest",)))


def forget_document(connection: Connection, digest: str) -> bool:
    """Drop the name of a feed document that gave nothing, unless something cites it; tell whether it is gone."""
    return connection.execute(_FORGET, {"document": digest}).rowcount > 0


class Quarantined(Struct, frozen=True, kw_only=True):
    """Where and by which code inputs were not understood."""

    owner: RequestOwner
    document_digest: str | None
    code_version: str
    traceback: str | None = None  # of a bug


def quarantine(connection: Connection, where: Quarantined, failures: Iterable[EntryFailure], now: datetime) -> None:
    """Keep inputs that were not understood, once for each code version that tried."""
    rows = [
        {
            "feed_id": where.owner.feed_id,
            "digest": failure.digest,
            "stage": failure.stage,
            "code_version": where.code_version,
            "error": failure.problem.error,
            "message": failure.problem.message,
            "traceback": where.traceback,
            "document_digest": where.document_digest,
            "run_id": where.owner.run_id,
            "first_seen_at": now,
        }
        for failure in failures
    ]
    conflict = Conflict(index_elements=("feed_id", "digest", "stage", "code_version"))
    upsert(connection, table_of(Quarantine), rows, conflict)


def tried_digests(
    connection: Connection, feed_id: str, digests: Sequence[str], code_version: str
) -> dict[str, Problem]:
    """Return which of these entries this code has tried and not understood: only newer code tries them again."""
    rows = connection.execute(_TRIED, {"feed": feed_id, "digests": digests, "code": code_version})
    return {row.digest: Problem(error=row.error, message=row.message) for row in rows}


def feeds_with_untried_failures(connection: Connection, code_version: str) -> frozenset[str]:
    """Name the feeds whose last document holds an entry that other code failed on and this code has not tried."""
    mine = _QUARANTINE.alias()
    is_tried = exists(
        select(null()).where(
            mine.c.feed_id == _QUARANTINE.c.feed_id,
            mine.c.digest == _QUARANTINE.c.digest,
            mine.c.code_version == code_version,
        )
    )
    is_of_the_last = (Feed.id == _QUARANTINE.c.feed_id) & (Feed.document_digest == _QUARANTINE.c.document_digest)
    query = select(_QUARANTINE.c.feed_id).distinct().join(Feed, is_of_the_last)
    return frozenset(connection.scalars(query.where(_QUARANTINE.c.code_version != code_version, ~is_tried)))


def document_of(connection: Connection, digest: str) -> Document:
    """Return how a stored document was announced; one without a name is taken for an empty one of a feed."""
    columns = select(RawBlob.digest, RawBlob.kind, RawBlob.content_type, RawBlob.size_bytes)
    row = connection.execute(columns.where(RawBlob.digest == digest)).one_or_none()
    return Document(**row._mapping) if row else Document(digest=digest, kind="feed", content_type="", size_bytes=0)  # noqa: SLF001 (SQLAlchemy's public name)


def unnamed(connection: Connection, digests: Iterable[str]) -> list[str]:
    """Return which of these documents have no name: their bytes may go."""
    named: set[str] = set()
    wanted = list(digests)
    for batch in batches(wanted):
        named.update(connection.scalars(select(RawBlob.digest).where(RawBlob.digest.in_(batch))))
    return [digest for digest in wanted if digest not in named]

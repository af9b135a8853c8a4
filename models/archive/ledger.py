"""The ledger: runs, what each feed gave in them, every request, every input that was not understood."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from models._keys import table_of
from models.database import Conflict, batches, upsert
from models.reports import FeedReport, PageCounts, RunStatus
from models.stages import EntryFailure, Request
from models.tables import Feed, FeedRun, Fetch, Quarantine, RawBlob, Run, StoryVersion

_RUNS = table_of(Run)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """How a run began."""

    mode: str
    started_by: str  # schedule | hand | api
    code_version: str
    parameters: dict[str, Any] = field(default_factory=dict)
    parent_run_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedOutcome:
    """A feed's row of the ledger with what only the archive keeps."""

    report: FeedReport
    document_digest: str | None = None
    versions: int = 0  # written from this document
    traceback: str | None = None


def start_run(connection: Connection, run: NewRun, now: datetime) -> int:
    """Open a run and return its number. A run after crashed ones belongs to their night."""
    row = asdict(run) | {
        "status": RunStatus.RUNNING.value,
        "started_at": now,
        "heartbeat_at": now,
        "night_id": _unfinished_night(connection, run.mode),
        "pages": asdict(PageCounts()),
    }
    run_id: int = connection.scalars(insert(_RUNS).returning(_RUNS.c.id), [row]).one()
    connection.execute(
        update(_RUNS).where(_RUNS.c.id == run_id, _RUNS.c.night_id.is_(None)).values(night_id=_RUNS.c.id)
    )
    return run_id


def night_of(connection: Connection, run_id: int) -> frozenset[int]:
    """Return the runs that make one night: this one and the crashed ones before it."""
    night = select(_RUNS.c.night_id).where(_RUNS.c.id == run_id).scalar_subquery()
    return frozenset(connection.scalars(select(_RUNS.c.id).where(_RUNS.c.night_id == night)))


def mark_crashed(connection: Connection, modes: Iterable[str], now: datetime) -> list[int]:
    """Close the runs of these modes that nobody works on any more: the caller holds the lock that they would hold."""
    dead = update(_RUNS).where(_RUNS.c.status == RunStatus.RUNNING.value, _RUNS.c.mode.in_(list(modes)))
    values = {"status": RunStatus.CRASHED.value, "finished_at": now, "reason": "its process ended without a word"}
    return list(connection.scalars(dead.values(values).returning(_RUNS.c.id)))


def beat(connection: Connection, run_id: int, now: datetime) -> None:
    """Say that a run is alive."""
    connection.execute(update(_RUNS).where(_RUNS.c.id == run_id).values(heartbeat_at=now))


def finish_run(connection: Connection, run_id: int, status: RunStatus, reason: str | None, now: datetime) -> None:
    """Close a run."""
    values = {"status": status.value, "reason": reason, "finished_at": now, "heartbeat_at": now}
    connection.execute(update(_RUNS).where(_RUNS.c.id == run_id).values(values))


def name_flow_run(connection: Connection, run_id: int, flow_run_id: str) -> None:
    """Remember under which id Prefect knows a run."""
    connection.execute(update(_RUNS).where(_RUNS.c.id == run_id).values(flow_run_id=flow_run_id))


def record_pages(connection: Connection, run_id: int, counts: PageCounts) -> None:
    """Write a run's page sums so far."""
    connection.execute(update(_RUNS).where(_RUNS.c.id == run_id).values(pages=asdict(counts)))


def record_feed(connection: Connection, run_id: int, outcome: FeedOutcome, now: datetime) -> None:
    """Write a feed's row; a second pass replaces the outcome and adds its attempts."""
    table = table_of(FeedRun)
    report = outcome.report
    is_it = (table.c.run_id == run_id) & (table.c.feed_id == report.feed)
    before = connection.scalar(select(table.c.attempts).where(is_it)) or 0
    row = asdict(report.counts) | {
        "run_id": run_id,
        "feed_id": report.feed,
        "status": report.status.value,
        "reason": report.reason,
        "error": report.error,
        "traceback": outcome.traceback,
        "http_status": report.http_status,
        "attempts": before + report.attempts,
        "size_bytes": report.size_bytes,
        "elapsed_ms": report.elapsed_ms,
        "versions": outcome.versions,
        "warnings": list(report.warnings),
        "document_digest": outcome.document_digest,
        "finished_at": now,
    }
    kept = ("run_id", "feed_id")
    upsert(connection, table, [row], Conflict(index_elements=kept, update=[name for name in row if name not in kept]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """On whose behalf requests were made."""

    run_id: int
    feed_id: str | None = None
    story_id: int | None = None


def record_requests(connection: Connection, errand: Errand, requests: Sequence[Request]) -> None:
    """Write every request that was made."""
    rows = [
        asdict(errand)
        | {
            "url": request.url,
            "attempt": request.attempt,
            "started_at": request.started_at,
            "elapsed_ms": request.elapsed_ms,
            "status": request.status,
            "headers": [list(header) for header in request.headers],
            "digest": request.digest,
            "size_bytes": request.size_bytes,
            "error": request.problem.error if request.problem else None,
            "message": request.problem.message if request.problem else None,
        }
        for request in requests
    ]
    for batch in batches(rows):
        connection.execute(insert(table_of(Fetch)), batch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """Where and by which code inputs were not understood."""

    errand: Errand
    document_digest: str | None
    code_version: str


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
            "document_digest": where.document_digest,
            "run_id": where.errand.run_id,
            "first_seen_at": now,
        }
        for failure in failures
    ]
    conflict = Conflict(index_elements=("feed_id", "digest", "stage", "code_version"))
    upsert(connection, table_of(Quarantine), rows, conflict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An original in the raw store."""

    digest: str
    kind: str  # feed | page | import
    content_type: str
    size_bytes: int


def record_document(connection: Connection, document: Document, now: datetime) -> None:
    """Name a document of the raw store."""
    rows = [asdict(document) | {"first_seen_at": now}]
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


def _unfinished_night(connection: Connection, mode: str) -> int | None:
    last = select(_RUNS.c.status, _RUNS.c.night_id).where(_RUNS.c.mode == mode).order_by(_RUNS.c.id.desc()).limit(1)
    row = connection.execute(last).first()
    return row.night_id if row is not None and row.status == RunStatus.CRASHED.value else None

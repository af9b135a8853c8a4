"""The ledger: runs, what each feed gave in them, and every request."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import asdict, replace
from sqlalchemy import Connection, bindparam, insert, select, update

from models._sql.lists import is_one_of
from models.archive.ledger.counts import count_outcomes
from models.errors import RunEnded
from models.identity import AlreadyRecordedError
from models.reports import READ_SUMS, FeedReport, FeedStatus, MeaningCounts, PageCounts, RunMode, RunStatus
from models.stages import Request
from models.storage.database import Conflict, insert_rows, upsert
from models.tables.keys import table_of
from models.tables.runs import FeedRun, Fetch, Run

_RUNS, _FEED_RUNS = table_of(Run), table_of(FeedRun)
_STATUS: Final = select(_RUNS.c.status).where(_RUNS.c.id == bindparam("run")).with_for_update(read=True)
_OUTCOME_COLUMNS: Final = ("feed_id", "status", "attempts", "reason", "warnings", "finished_at")
_OUTCOMES: Final = select(*(_FEED_RUNS.c[name] for name in _OUTCOME_COLUMNS)).where(
    _FEED_RUNS.c.run_id == bindparam("run"), is_one_of(_FEED_RUNS.c.feed_id, "feeds")
)


class NewRun(Struct, frozen=True, kw_only=True):
    """How a run began."""

    mode: str
    started_by: str  # schedule | hand | api
    code_version: str
    parameters: dict[str, Any] = field(default_factory=dict)
    parent_run_id: int | None = None


class FeedOutcome(Struct, frozen=True, kw_only=True):
    """A feed's row of the ledger with what only the archive keeps."""

    report: FeedReport
    document_digest: str | None = None
    versions: int = 0  # written from this document
    traceback: str | None = None


def start_run(connection: Connection, run: NewRun, now: datetime) -> int:
    """Open a run and return its number. A run after crashed ones belongs to their night."""
    row = asdict(run) | {
        "mode": RunMode(run.mode).value,  # a word that nobody explained is none
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


def run_ids_of(connection: Connection, run_id: int) -> frozenset[int]:
    """Return the runs that make one night: this one and the crashed ones before it."""
    night = select(_RUNS.c.night_id).where(_RUNS.c.id == run_id).scalar_subquery()
    # A night has the number of its first run, so none before that is looked at.
    return frozenset(connection.scalars(select(_RUNS.c.id).where(_RUNS.c.id >= night, _RUNS.c.night_id == night)))


def mark_crashed(
    connection: Connection, modes: Iterable[str], now: datetime, silent_since: datetime | None = None
) -> list[int]:
    """Close the running runs of these modes; where a moment is given, those that gave no sign of life since.

    The holder of the lock under which such a run must work needs none: no other can be alive, whatever its clock said.
    """
    is_dead = _RUNS.c.status == RunStatus.RUNNING.value
    if silent_since is not None:
        is_dead &= _RUNS.c.heartbeat_at <= silent_since
    values = {"status": RunStatus.CRASHED.value, "finished_at": now, "reason": "its process ended without a word"}
    dead = update(_RUNS).where(is_dead, _RUNS.c.mode.in_(list(modes))).values(values)
    return list(connection.scalars(dead.returning(_RUNS.c.id)))


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


def require_running(connection: Connection, run_id: int) -> None:
    """Keep a run at work until this transaction ends. Raise RunEnded where it is not at work.

    Closing it waits for the transaction, where the database can have more than one.
    """
    status = connection.scalar(_STATUS, {"run": run_id})
    if status != RunStatus.RUNNING.value:
        raise RunEnded(f"Run {run_id} is {status or 'not there'}: nothing is written on its behalf any more.")


def record_pages(connection: Connection, run_id: int, counts: PageCounts) -> None:
    """Write a run's page sums so far."""
    connection.execute(update(_RUNS).where(_RUNS.c.id == run_id).values(pages=asdict(counts)))


def count_page(connection: Connection, run_id: int, outcome: str) -> None:
    """Count a page under its outcome, and no longer as left; in the transaction that writes what came of it."""
    pages = connection.scalars(select(_RUNS.c.pages).where(_RUNS.c.id == run_id).with_for_update()).one()
    counted = {outcome: pages[outcome] + 1, "left": pages["left"] - 1}
    connection.execute(update(_RUNS).where(_RUNS.c.id == run_id).values(pages=pages | counted))


def count_readings(connection: Connection, run_id: int, counts: MeaningCounts) -> None:
    """Add to what a run's second reader did; in the transaction that writes what came of it."""
    parameters = connection.scalars(select(_RUNS.c.parameters).where(_RUNS.c.id == run_id).with_for_update()).one()
    sums = MeaningCounts.total((MeaningCounts(**parameters.get(READ_SUMS, {})), counts))
    written = parameters | {READ_SUMS: asdict(sums)}
    connection.execute(update(_RUNS).where(_RUNS.c.id == run_id).values(parameters=written))


def record_feed(connection: Connection, run_id: int, outcome: FeedOutcome, now: datetime) -> FeedReport:
    """Write a feed's row, as record_feeds does."""
    return record_feeds(connection, run_id, [outcome], now)[0]


def record_feeds(
    connection: Connection, run_id: int, outcomes: Sequence[FeedOutcome], now: datetime
) -> list[FeedReport]:
    """Write the rows of feeds, each another. Return what stands there.

    A second pass replaces a failure, but for its attempts, which add up. Raise AlreadyRecordedError where the run has
    another outcome for one of the feeds: all that this transaction did is to be undone.
    """
    asked = {"run": run_id, "feeds": [outcome.report.feed for outcome in outcomes]}
    before = {row.feed_id: row for row in connection.execute(_OUTCOMES, asked)}
    for row in before.values():
        if row.status != FeedStatus.FAILED.value:
            raise AlreadyRecordedError(run_id, row.feed_id)
    tried = {feed: row.attempts for feed, row in before.items()}
    reports = [replace(one.report, attempts=one.report.attempts + tried.get(one.report.feed, 0)) for one in outcomes]
    rows = [_feed_row(run_id, one, report, now) for one, report in zip(outcomes, reports, strict=True)]
    kept = ("run_id", "feed_id")
    replaced = [name for name in rows[0] if name not in kept]
    upsert(connection, _FEED_RUNS, rows, Conflict(index_elements=kept, update=replaced))
    count_outcomes(connection, rows, [row._asdict() for row in before.values()])
    return reports


def _feed_row(run_id: int, outcome: FeedOutcome, report: FeedReport, now: datetime) -> dict[str, Any]:
    return asdict(report.counts) | {
        "run_id": run_id,
        "feed_id": report.feed,
        "status": report.status.value,
        "reason": report.reason,
        "error": report.error,
        "traceback": outcome.traceback,
        "http_status": report.http_status,
        "attempts": report.attempts,
        "size_bytes": report.size_bytes,
        "elapsed_ms": report.elapsed_ms,
        "versions": outcome.versions,
        "warnings": list(report.warnings),
        "document_digest": outcome.document_digest,
        "finished_at": now,
    }


def counts_as_off_topic(connection: Connection, run_id: int, feed_id: str) -> bool:
    """Tell whether a feed's row in a run counts an entry as off topic."""
    row = select(_FEED_RUNS.c.off_topic).where(_FEED_RUNS.c.run_id == run_id, _FEED_RUNS.c.feed_id == feed_id)
    return (connection.scalar(row) or 0) > 0


def count_as_new(connection: Connection, run_id: int, feed_id: str) -> None:
    """Count an entry, which a feed's row counts as off topic, as new: its page says that it is about climate."""
    row = (_FEED_RUNS.c.run_id == run_id) & (_FEED_RUNS.c.feed_id == feed_id) & (_FEED_RUNS.c.off_topic > 0)
    moved = {"off_topic": _FEED_RUNS.c.off_topic - 1, "new": _FEED_RUNS.c.new + 1}
    connection.execute(update(_FEED_RUNS).where(row).values(moved))


class RequestOwner(Struct, frozen=True, kw_only=True):
    """On whose behalf requests were made."""

    run_id: int
    feed_id: str | None = None
    story_id: int | None = None


def record_requests(connection: Connection, owner: RequestOwner, requests: Sequence[Request]) -> None:
    """Write every request that was made."""
    record_all_requests(connection, [(owner, requests)])


def record_all_requests(connection: Connection, made: Iterable[tuple[RequestOwner, Sequence[Request]]]) -> None:
    """Write every request that was made on behalf of several."""
    rows = [asdict(owner) | _request_row(request) for owner, requests in made for request in requests]
    insert_rows(connection, table_of(Fetch), rows)


def _request_row(request: Request) -> dict[str, Any]:
    return {
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


def _unfinished_night(connection: Connection, mode: str) -> int | None:
    # A run that found the lock taken did nothing: it stands between no two runs.
    worked = (_RUNS.c.mode == mode) & (_RUNS.c.status != RunStatus.SKIPPED.value)
    last = select(_RUNS.c.status, _RUNS.c.night_id).where(worked).order_by(_RUNS.c.id.desc()).limit(1)
    row = connection.execute(last).first()
    return row.night_id if row is not None and row.status == RunStatus.CRASHED.value else None

"""The ledger, read: runs with their sums, and one run feed by feed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, case, func, select

from models.errors import NotFound
from models.reports import (
    READ_SUMS,
    Counts,
    FeedReport,
    FeedStatus,
    MeaningCounts,
    PageCounts,
    RunReport,
    RunStatus,
)
from models.tables.feeds import Feed
from models.tables.runs import FeedRun, Run

LATEST = "latest"
FETCHING = ("run", "rerun")
_SUCCEEDED = (RunStatus.COMPLETED.value, RunStatus.COMPLETED_WITH_ERRORS.value)
_COUNTS = Counts.__struct_fields__


class RunSummary(Struct, frozen=True, kw_only=True):
    """A run in a list."""

    run_id: int
    mode: str
    status: str
    reason: str | None
    started_by: str
    started_at: datetime
    finished_at: datetime | None
    parent_run_id: int | None
    feeds: int
    feeds_failed: int
    totals: Counts


class RunHead(Struct, frozen=True, kw_only=True):
    """What a run was asked to do, by which code, and how it stands."""

    mode: str
    status: str
    started_at: datetime
    code_version: str
    feeds: tuple[str, ...]  # named by hand; none: all
    asked: tuple[str, ...]  # every feed of the run


def run_head(connection: Connection, run_id: int) -> RunHead:
    """Read the head of a run over feeds. Raise NotFound."""
    run = connection.execute(select(Run.__table__).where(Run.id == find_run(connection, run_id))).one()
    return RunHead(
        mode=run.mode,
        status=run.status,
        started_at=run.started_at,
        code_version=run.code_version,
        feeds=tuple(run.parameters.get("feeds", ())),
        asked=tuple(run.parameters.get("asked", ())),
    )


def list_runs(connection: Connection, limit: int, before: int | None = None) -> list[RunSummary]:
    """Return the latest runs, the newest first; with a number, those before that run."""
    sums = _sums_by_run()
    query = select(Run.__table__, *(column for column in sums.c if column.name != "run_id"))
    query = query.join(sums, sums.c.run_id == Run.id, isouter=True).order_by(Run.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Run.id < before)
    return [_summary(row) for row in connection.execute(query)]


def flow_run_of(connection: Connection, run_id: int) -> str | None:
    """Return the name of a run under Prefect; None of one that was worked without."""
    return connection.scalar(select(Run.flow_run_id).where(Run.id == run_id))


def find_run(connection: Connection, reference: str | int) -> int:
    """Return the number of the run that a number or "latest" names. Raise NotFound."""
    if reference == LATEST:
        latest = connection.scalar(select(func.max(Run.id)))
        if latest is None:
            raise NotFound("There is no run in this archive yet.")
        return latest
    number = str(reference)
    is_number = number.isascii() and number.isdecimal() and len(number) <= 18  # digits that fit into a key
    found = connection.scalar(select(Run.id).where(Run.id == int(number))) if is_number else None
    if found is None:
        raise NotFound(f'There is no run "{reference}" in this archive: give its number or "{LATEST}".')
    return found


def find_fetching_run(connection: Connection, reference: str | int) -> int:
    """Return what find_run does; the latest is the latest that asked feeds. Raise NotFound.

    A start that was skipped, an import and work on stored bytes have no feeds that could be fetched again.
    """
    if reference != LATEST:
        return find_run(connection, reference)
    asked = (Run.mode.in_(FETCHING), Run.status != RunStatus.SKIPPED.value)
    latest = connection.scalar(select(func.max(Run.id)).where(*asked))
    if latest is None:
        raise NotFound("No run of this archive has asked its feeds yet.")
    return latest


def feeds_without_answer(connection: Connection, run_id: int) -> tuple[str, ...]:
    """Return the feeds that gave nothing in a run, in the order of feeds.yaml: failed, dormant or left alone.

    Those that are gone for good are not among them.
    """
    has_failed = FeedRun.status == FeedStatus.FAILED.value
    was_left = (FeedRun.status == FeedStatus.SKIPPED.value) & (Feed.state != "gone")
    feeds = select(FeedRun.feed_id).join(Feed, Feed.id == FeedRun.feed_id).where(FeedRun.run_id == run_id)
    chosen = feeds.where(has_failed | was_left, Feed.is_active, Feed.kind == "feed")
    return tuple(connection.scalars(chosen.order_by(Feed.position, Feed.id)))


def run_report(connection: Connection, reference: str | int) -> RunReport:
    """Read one run feed by feed, in the order of feeds.yaml. Raise NotFound."""
    run_id = find_run(connection, reference)
    run = connection.execute(select(Run.__table__).where(Run.id == run_id)).one()
    rows = connection.execute(
        select(FeedRun.__table__)
        .join(Feed, Feed.id == FeedRun.feed_id)
        .where(FeedRun.run_id == run_id)
        .order_by(Feed.position, Feed.id)
    )
    return RunReport(
        run_id=run.id,
        mode=run.mode,
        status=RunStatus(run.status),
        started_at=run.started_at,
        finished_at=run.finished_at,
        feeds=tuple(_feed_report(row) for row in rows),
        pages=PageCounts(**run.pages),
        reason=run.reason,
        meaning=MeaningCounts(**run.parameters.get(READ_SUMS, {})),
    )


def feed_report(connection: Connection, run_id: int, feed_id: str) -> FeedReport:
    """Read what one feed gave in one run, which has a row for it."""
    row = connection.execute(select(FeedRun.__table__).where(FeedRun.run_id == run_id, FeedRun.feed_id == feed_id))
    return _feed_report(row.one())


def _sums_by_run() -> Any:  # noqa: ANN401 (a subquery whose columns are named at run time)
    failed = func.sum(case((FeedRun.status == FeedStatus.FAILED.value, 1), else_=0))
    sums = [func.sum(getattr(FeedRun, name)).label(name) for name in _COUNTS]
    columns = (FeedRun.run_id, func.count().label("feeds"), failed.label("feeds_failed"), *sums)
    return select(*columns).group_by(FeedRun.run_id).subquery("sums")


def _summary(row: Row[Any]) -> RunSummary:
    return RunSummary(
        run_id=row.id,
        mode=row.mode,
        status=row.status,
        reason=row.reason,
        started_by=row.started_by,
        started_at=row.started_at,
        finished_at=row.finished_at,
        parent_run_id=row.parent_run_id,
        feeds=row.feeds or 0,
        feeds_failed=int(row.feeds_failed or 0),
        totals=_counts(row._mapping),  # noqa: SLF001 (SQLAlchemy's public name)
    )


def _counts(values: Mapping[Any, Any]) -> Counts:
    # PostgreSQL sums whole numbers to decimals.
    return Counts(**{name: int(values[name] or 0) for name in _COUNTS})


def _feed_report(row: Row[Any]) -> FeedReport:
    return FeedReport(
        feed=row.feed_id,
        status=FeedStatus(row.status),
        reason=row.reason,
        error=row.error,
        http_status=row.http_status,
        attempts=row.attempts,
        size_bytes=row.size_bytes,
        elapsed_ms=row.elapsed_ms,
        counts=_counts(row._mapping),  # noqa: SLF001 (SQLAlchemy's public name)
        warnings=tuple(row.warnings),
    )


def last_whole_night(connection: Connection) -> datetime | None:
    """Return when the latest night over all feeds that succeeded began; None where there was none."""
    nights = select(Run.started_at, Run.parameters).where(Run.mode == "run", Run.status.in_(_SUCCEEDED))
    whole = (at for at, asked in connection.execute(nights.order_by(Run.id.desc())).tuples() if not asked.get("feeds"))
    return next(whole, None)


def names_at_work(connection: Connection, heartbeat_after: datetime | None = None) -> frozenset[str]:
    """Return both names of the runs at work under Prefect: its own, and the ledger's number, which shards are given.

    With a moment, only those whose heartbeat is younger.
    """
    at_work = select(Run.id, Run.flow_run_id).where(Run.status == RunStatus.RUNNING.value, Run.flow_run_id.is_not(None))
    if heartbeat_after is not None:
        at_work = at_work.where(Run.heartbeat_at > heartbeat_after)
    return frozenset(str(name) for row in connection.execute(at_work) for name in row)

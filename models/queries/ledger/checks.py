"""Check that the ledger adds up. Findings are returned as values; nothing is repaired here."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from models.queries.ledger.miscounts import differing_sums
from models.reports import READ_SUMS, Counts, PageCounts, RunStatus
from models.tables.labels import ClassificationRow
from models.tables.runs import FeedRun, Run
from models.tables.stories import Story, StoryVersion

PARTS: Final = tuple(name for name in Counts.__struct_fields__ if name != "seen")
_PAGE_PARTS: Final = tuple(name for name in PageCounts.__struct_fields__ if name != "due")
_RUNS_BY_FEED: Final = ("run", "rerun", "import")  # their stories come by feeds; reclassify admits without any
_WHOLE: Final = (RunStatus.COMPLETED.value, RunStatus.COMPLETED_WITH_ERRORS.value)
_ASKED: Final = ("asked", "feeds")  # of runs.parameters: the feeds the run was to ask, or those named by hand
_SHOWN_MISCOUNTS: Final = 20
_RUNNING: Final = RunStatus.RUNNING.value
_RUNS: Final = select(Run.__table__).order_by(Run.id)
_ADMITTED: Final = (
    select(Story.relevant_run_id, func.count())
    .where(Story.relevant_run_id.is_not(None))
    .group_by(Story.relevant_run_id)
)
_LEDGER: Final = (FeedRun.run_id, FeedRun.feed_id, *(getattr(FeedRun, name) for name in Counts.__struct_fields__))


class AuditFinding(Struct, frozen=True, kw_only=True):
    """Something that does not add up."""

    message: str
    run_id: int | None = None
    feed: str | None = None
    story_id: int | None = None


class Audit(Struct, frozen=True, kw_only=True):
    """What came of checking the whole ledger."""

    runs: int  # checked
    rows: int  # of feeds in those runs
    stories: int  # admitted by those runs
    running: tuple[int, ...]  # not checked: these are still at work
    findings: tuple[AuditFinding, ...]


def audit(connection: Connection) -> Audit:
    """Check all runs that have ended, and the pointers of all stories."""
    running = tuple(connection.scalars(select(Run.id).where(Run.status == _RUNNING).order_by(Run.id)))
    ended = connection.execute(_RUNS.where(Run.id.not_in(running))).all()
    rows = connection.execute(select(*_LEDGER).where(FeedRun.run_id.not_in(running))).all()
    admitted = _admitted(connection, _ADMITTED)
    return Audit(
        runs=len(ended),
        rows=len(rows),
        stories=sum(admitted.get(run.id, 0) for run in ended),
        running=running,
        findings=(*_sums(ended, rows, admitted), *dangling_pointers(connection), *miscounts(connection)),
    )


def check_runs(connection: Connection, run_ids: Sequence[int]) -> list[AuditFinding]:
    """Check the sums of some runs; of one that is still at work there is nothing to check."""
    ended = connection.execute(_RUNS.where(Run.id.in_(run_ids), Run.status != _RUNNING)).all()
    ids = [run.id for run in ended]
    rows = connection.execute(select(*_LEDGER).where(FeedRun.run_id.in_(ids))).all()
    return list(_sums(ended, rows, _admitted(connection, _ADMITTED.where(Story.relevant_run_id.in_(ids)))))


def dangling_pointers(connection: Connection) -> list[AuditFinding]:
    """Find stories whose version or judgement is missing or another story's, and withdrawn ones that still have one."""
    version = select(StoryVersion.id).where(StoryVersion.id == Story.version_id, StoryVersion.story_id == Story.id)
    is_judgement = (ClassificationRow.id == Story.classification_id) & (ClassificationRow.story_id == Story.id)
    judgement = select(ClassificationRow.id).where(is_judgement)
    is_kept = Story.withdrawn_at.is_(None)
    broken: list[tuple[str, ColumnElement[bool]]] = [
        ("its version is not there", is_kept & ~version.exists()),
        ("its judgement is not there", is_kept & ~judgement.exists()),
        ("it was withdrawn and still has a text", ~is_kept & version.exists()),
    ]
    return [
        AuditFinding(message=f"story {story_id}: {what}", story_id=story_id)
        for what, condition in broken
        for story_id in connection.scalars(select(Story.id).where(condition).order_by(Story.id))
    ]


def miscounts(connection: Connection) -> list[AuditFinding]:
    """Find the sums behind `counts` that a count of the stories, or of the ledger, does not give."""
    findings = [
        AuditFinding(message=f"{one}: `climate-archive db recount` mends it") for one in differing_sums(connection)
    ]
    more = len(findings) - _SHOWN_MISCOUNTS
    shown = findings[:_SHOWN_MISCOUNTS]
    return [*shown, AuditFinding(message=f"and {more} more of such sums")] if more > 0 else shown


def _sums(ended: Iterable[Row[Any]], rows: Iterable[Row[Any]], admitted: Mapping[int, int]) -> Iterator[AuditFinding]:
    """Find the sums of runs that do not add up."""
    by_run: defaultdict[int, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for row in rows:
        by_run[row.run_id][row.feed_id] = row._asdict()
    for run in ended:
        yield from _feed_sums(run.id, by_run[run.id])
        yield from _page_sum(run.id, run.pages)
        by_meaning = run.parameters.get(READ_SUMS, {}).get("admitted", 0)
        yield from _growth(run.id, run.mode, by_run[run.id], admitted.get(run.id, 0) - by_meaning)
        yield from _completeness(run.id, run.status, run.parameters, by_run[run.id])


def _admitted(connection: Connection, counted: Select[tuple[int | None, int]]) -> dict[int, int]:
    """Count the stories that each run admitted, also those that were withdrawn, merged or hidden by hand since."""
    return {run_id: count for run_id, count in connection.execute(counted).tuples() if run_id}


def _feed_sums(run_id: int, rows: Mapping[str, Mapping[str, Any]]) -> Iterator[AuditFinding]:
    for feed, row in rows.items():
        total = sum(row[name] for name in PARTS)
        if row["seen"] != total:
            parts = " + ".join(f"{row[name]} {name}" for name in PARTS)
            yield AuditFinding(message=f"seen {row['seen']}, but {parts} = {total}", run_id=run_id, feed=feed)


def _page_sum(run_id: int, pages: Mapping[str, int]) -> Iterator[AuditFinding]:
    total = sum(pages.get(name, 0) for name in _PAGE_PARTS)
    if pages.get("due", 0) != total:
        yield AuditFinding(message=f"{pages.get('due', 0)} pages due, but {total} accounted for", run_id=run_id)


def _growth(run_id: int, mode: str, rows: Mapping[str, Mapping[str, Any]], admitted: int) -> Iterator[AuditFinding]:
    new = sum(row["new"] for row in rows.values())
    if new != admitted and (rows or mode in _RUNS_BY_FEED):
        yield AuditFinding(message=f"{new} new stories by its feeds, but it admitted {admitted} of them", run_id=run_id)


def _completeness(
    run_id: int, status: str, parameters: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]]
) -> Iterator[AuditFinding]:
    if status in _WHOLE:
        asked = next((parameters[name] for name in _ASKED if parameters.get(name)), ())
        for feed in asked:
            if feed not in rows:
                yield AuditFinding(message="the run has ended without a row for this feed", run_id=run_id, feed=feed)

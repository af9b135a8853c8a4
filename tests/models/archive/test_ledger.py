"""The ledger says what each run and each feed gave."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.archive.ledger.runs import (
    FeedOutcome,
    RequestOwner,
    beat,
    finish_run,
    mark_crashed,
    name_flow_run,
    record_feed,
    record_pages,
    record_requests,
    require_running,
    run_ids_of,
)
from models.errors import RunEnded
from models.identity import AlreadyRecordedError
from models.reports import Counts, FeedReport, FeedStatus, PageCounts, RunStatus
from models.stages import Problem, Request
from models.tables.runs import FeedRun, Fetch, Run
from tests.builders import NOON, Archive

LATER = NOON + timedelta(minutes=1)


def _end(archive: Archive, run_id: int, status: RunStatus) -> None:
    if status is RunStatus.CRASHED:
        mark_crashed(archive.connection, ["run"], LATER)
    else:
        finish_run(archive.connection, run_id, status, None, LATER)


@pytest.mark.parametrize(
    ("ends", "is_one_night"),
    [
        pytest.param([RunStatus.CRASHED], True, id="a crash is made good"),
        pytest.param([RunStatus.CRASHED, RunStatus.CRASHED], True, id="and two in a row"),
        pytest.param([RunStatus.CRASHED, RunStatus.SKIPPED], True, id="also past a run that was skipped"),
        pytest.param([RunStatus.COMPLETED], False, id="a run that ended is a night of its own"),
        pytest.param([RunStatus.CRASHED, RunStatus.COMPLETED], False, id="and so is one after a crash made good"),
        pytest.param([RunStatus.INTERRUPTED], False, id="an interrupted run has ended"),
    ],
)
def test_the_runs_of_a_night(archive: Archive, ends: list[RunStatus], is_one_night: bool) -> None:
    """A run after crashed ones belongs to their night."""
    before = set()
    for status in ends:
        run_id = archive.begin()
        _end(archive, run_id, status)
        before.add(run_id)
    run_id = archive.begin()
    assert run_ids_of(archive.connection, run_id) == ({*before, run_id} if is_one_night else {run_id})


def test_a_run_of_another_mode_is_no_part_of_a_night(archive: Archive) -> None:
    """A crashed import says nothing of the feeds."""
    archive.begin("import")
    mark_crashed(archive.connection, ["import"], NOON)
    run_id = archive.begin()
    assert run_ids_of(archive.connection, run_id) == {run_id}


def test_only_a_silent_run_of_the_given_modes_is_marked_crashed(archive: Archive) -> None:
    """One that gave a sign of life since then is at work."""
    silent, alive, other = archive.begin(), archive.begin(), archive.begin("import")
    beat(archive.connection, alive, LATER)
    assert mark_crashed(archive.connection, ["run"], LATER, silent_since=NOON) == [silent]
    status = dict(archive.connection.execute(select(Run.id, Run.status)).tuples().all())
    assert status == {silent: "crashed", alive: "running", other: "running"}


def test_who_holds_the_lock_closes_every_run_of_its_kind(archive: Archive) -> None:
    """Its sign of life may be younger than the moment that is written: another machine's clock says little."""
    ahead = archive.begin()
    beat(archive.connection, ahead, LATER)
    assert mark_crashed(archive.connection, ["run"], NOON) == [ahead]


def test_a_run_keeps_what_is_said_of_it(archive: Archive) -> None:
    """Prefect's name for it, its page sums, its end."""
    run_id = archive.begin()
    name_flow_run(archive.connection, run_id, "flow-1")
    record_pages(archive.connection, run_id, PageCounts(due=2, completed=1, left=1))
    finish_run(archive.connection, run_id, RunStatus.FAILED, "no network", LATER)
    run = archive.connection.execute(select(Run.__table__)).one()
    assert (run.flow_run_id, run.pages["due"], run.pages["left"]) == ("flow-1", 2, 1)
    assert (run.status, run.reason, run.finished_at) == ("failed", "no network", LATER)


def test_a_second_pass_replaces_a_feed_row_and_adds_its_attempts(archive: Archive) -> None:
    """There is one row a feed and run."""
    archive.feed()
    run_id = archive.begin()
    failed = FeedReport(feed="one", status=FeedStatus.FAILED, reason="slow", error="TimedOut", attempts=2)
    record_feed(archive.connection, run_id, FeedOutcome(report=failed, traceback="trace"), NOON)
    good = FeedReport(feed="one", status=FeedStatus.OK, attempts=1, counts=Counts(seen=1, new=1), warnings=("few",))
    report = record_feed(archive.connection, run_id, FeedOutcome(report=good), LATER)
    row = archive.connection.execute(select(FeedRun.__table__)).one()
    assert (report.attempts, row.attempts) == (3, 3)
    assert (row.status, row.reason, row.error, row.traceback) == ("ok", None, None, None)
    assert (row.seen, row.new, row.warnings, row.finished_at) == (1, 1, ["few"], LATER)


def test_who_writes_for_a_run_needs_it_at_work(archive: Archive) -> None:
    """A run that is closed, or is not there, takes nothing more."""
    run_id = archive.begin()
    require_running(archive.connection, run_id)
    archive.end(run_id)
    with pytest.raises(RunEnded, match=f"Run {run_id} is completed: "):
        require_running(archive.connection, run_id)
    with pytest.raises(RunEnded, match="is not there: "):
        require_running(archive.connection, run_id + 1)


@pytest.mark.parametrize("status", [status for status in FeedStatus if status is not FeedStatus.FAILED])
def test_only_a_failure_may_be_replaced(archive: Archive, status: FeedStatus) -> None:
    """A feed without a row, or with one that says `failed`, is open; any other outcome stands."""
    archive.feed()
    run_id = archive.begin()
    for told in (FeedStatus.FAILED, FeedStatus.FAILED, status):
        record_feed(archive.connection, run_id, FeedOutcome(report=FeedReport(feed="one", status=told)), NOON)
    again = FeedOutcome(report=FeedReport(feed="one", status=status))
    with pytest.raises(AlreadyRecordedError):
        record_feed(archive.connection, run_id, again, NOON)


def test_every_request_is_written(archive: Archive) -> None:
    """With its headers, and its error where it had one."""
    archive.feed()
    requests = [
        Request(
            url="https://one.example/", attempt=1, started_at=NOON, elapsed_ms=5, status=301, headers=(("A", "b"),)
        ),
        Request(
            url="https://one.example/",
            attempt=2,
            started_at=NOON,
            elapsed_ms=5,
            problem=Problem(error="TimedOut", message="slow"),
        ),
    ]
    record_requests(archive.connection, RequestOwner(run_id=archive.begin(), feed_id="one"), requests)
    record_requests(archive.connection, RequestOwner(run_id=archive.begin()), [])
    rows = archive.connection.execute(select(Fetch.__table__).order_by(Fetch.id)).all()
    assert [(row.attempt, row.headers, row.error) for row in rows] == [(1, [["A", "b"]], None), (2, [], "TimedOut")]

"""What Prefect is told of a run."""

from datetime import UTC, datetime
from typing import Any

import pytest

from models.reports import FeedReport, FeedStatus, PageCounts, RunReport, RunStatus

FAILED_FEED = FeedReport(feed="one", status=FeedStatus.FAILED)


def state_of(*arguments: Any, **options: Any) -> Any:
    """Call the function; it brings Prefect along, which collecting the tests need not wait for."""
    from flows.states import state_of as function

    return function(*arguments, **options)


def _report(status: RunStatus, *feeds: FeedReport, reason: str | None = None) -> RunReport:
    now = datetime.now(UTC)
    return RunReport(
        run_id=1,
        mode="run",
        status=status,
        started_at=now,
        finished_at=now,
        feeds=feeds,
        pages=PageCounts(),
        reason=reason,
    )


@pytest.mark.parametrize(
    ("status", "kind", "name"),
    [
        (RunStatus.COMPLETED, "COMPLETED", "Completed"),
        (RunStatus.COMPLETED_WITH_ERRORS, "COMPLETED", "CompletedWithErrors"),
        (RunStatus.SKIPPED, "COMPLETED", "Skipped"),
        (RunStatus.FAILED, "FAILED", "Failed"),
        (RunStatus.INTERRUPTED, "FAILED", "Failed"),
        (RunStatus.CRASHED, "FAILED", "Failed"),
    ],
)
def test_each_status_has_its_state(status: RunStatus, kind: str, name: str) -> None:
    """A failed run is a failed flow, and what ended well with failures or did not begin says so."""
    state = state_of(_report(status, reason="a reason"), "what came of it")
    assert (state.type.value, state.name, state.message) == (kind, name, "a reason")


def test_without_a_reason_it_tells_what_came_of_it() -> None:
    """A run that ended well is told by its sums."""
    assert state_of(_report(RunStatus.COMPLETED), "3 new stories").message == "3 new stories"


def test_strictly_a_failed_feed_fails_the_run() -> None:
    """But only where that is asked for."""
    report = _report(RunStatus.COMPLETED_WITH_ERRORS, FAILED_FEED)
    assert state_of(report, "").name == "CompletedWithErrors"
    assert state_of(report, "", strict=True).name == "Failed"

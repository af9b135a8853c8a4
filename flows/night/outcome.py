"""What a run came to, from the reports of its feeds."""

from collections.abc import Collection
from typing import Final

from models.reports import FeedReport, FeedStatus, RunStatus

OFFLINE: Final = (
    "No feed could be reached: this machine seems to be offline. "
    "`make demo` shows the archive at work without a network."
)
NOTHING_FETCHED: Final = "No feed could be fetched; each one's reason is in the report."


def outcome_of(reports: Collection[FeedReport], *, has_connected: bool) -> tuple[RunStatus, str | None]:
    """Return a run's status and, where it failed, the sentence that says why."""
    asked = [report for report in reports if report.status is not FeedStatus.SKIPPED]
    failed = [report for report in asked if report.status is FeedStatus.FAILED]
    if asked and len(failed) == len(asked):
        return RunStatus.FAILED, NOTHING_FETCHED if has_connected else OFFLINE
    if failed:
        return RunStatus.COMPLETED_WITH_ERRORS, f"{len(failed)} of {len(reports)} feeds failed"
    return RunStatus.COMPLETED, None

"""What a run came to, from the reports of its feeds."""

from collections.abc import Sequence
from typing import Final

from flows.runs.context import RunContext
from models.errors import ConnectFailed, TemporaryDnsFailure, TimedOut, UnknownHost
from models.reports import FeedStatus, RunStatus
from models.wording import counted

OFFLINE: Final = (
    "No feed could be reached: this machine seems to be offline. "
    "`make demo` shows the archive at work without a network."
)
_NO_NETWORK: Final = frozenset(kind.__name__ for kind in (ConnectFailed, TemporaryDnsFailure, TimedOut, UnknownHost))
MOST_TOLD: Final = 3  # troubles at a run's end; the log has all
NOTHING_FETCHED: Final = "No feed could be fetched; each one's reason is in the report."


def outcome_of(run: RunContext) -> tuple[RunStatus, str | None]:
    """Return a run's status and, where something failed, the sentence that says what."""
    status, reason = _of_feeds(run)
    if not run.troubles or reason == OFFLINE:
        return status, reason
    told = f"{(reason or 'what it brought is kept').rstrip('.')}; at its end {_first(run.troubles)}"
    return RunStatus.COMPLETED_WITH_ERRORS if status is RunStatus.COMPLETED else status, told


def _of_feeds(run: RunContext) -> tuple[RunStatus, str | None]:
    reports = run.reports.values()
    asked = [report for report in reports if report.status is not FeedStatus.SKIPPED]
    failed = [report for report in asked if report.status is FeedStatus.FAILED]
    if not failed:
        unread = sum(report.counts.failed for report in reports) if run.plan.mode == "import" else 0
        return (RunStatus.COMPLETED_WITH_ERRORS, _unread(unread)) if unread else (RunStatus.COMPLETED, None)
    if len(failed) < len(asked):
        return RunStatus.COMPLETED_WITH_ERRORS, f"{len(failed)} of {counted(len(reports), 'feed')} failed"
    if all(report.error in _NO_NETWORK for report in failed) and not run.has_connected:
        return RunStatus.FAILED, OFFLINE
    if run.plan.mode != "import":
        return RunStatus.FAILED, NOTHING_FETCHED
    unread = sum(report.counts.failed for report in failed)
    return RunStatus.FAILED, _unread(unread) if unread > 1 else failed[0].reason


def _first(troubles: Sequence[str]) -> str:
    more = len(troubles) - MOST_TOLD
    return "; ".join([*troubles[:MOST_TOLD], *([f"and {more} more"] if more > 0 else [])])


def _unread(count: int) -> str:
    return f"{counted(count, 'document or page', 'documents or pages')} could not be read; `runs show` names what"

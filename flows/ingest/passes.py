"""The passes of a run: all feeds first, then another try for transient failures while the pages are worked."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from msgspec import Struct
from msgspec.structs import asdict

from flows.ingest.feed import process_feed
from flows.ingest.pages import work_pages
from flows.runs.context import RunContext
from flows.runs.gather import gather_or_cancel
from flows.runs.plan import Shard, longest_unread_first, second_pass, shards_of
from flows.runs.progress import tell
from models import errors
from models.errors import Transient
from models.reports import FeedReport, FeedStatus
from models.stages import FeedSpec

log = logging.getLogger(__name__)

# The names of the errors that a later try may mend.
TRANSIENT: Final = frozenset(
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, Transient) and kind is not Transient
)

_AGAIN: Final = {2: " at the second try", 3: " at the third try"}

FirstPass = Callable[[RunContext], Awaitable[None]]


class StillFailing(Transient):
    """Feeds of a second pass failed again for a passing reason."""


class TaskRunner(Struct, frozen=True, kw_only=True):
    """Who does the parts of a night: the bare functions, or Prefect's tasks around them."""

    shard: Callable[[RunContext, Shard], Awaitable[object]]
    retry: Callable[[RunContext, Shard], Awaitable[object]]
    pages: Callable[[RunContext], Awaitable[object]]


async def work_run(run: RunContext, runner: TaskRunner, first_pass: FirstPass | None = None) -> None:
    """Work a night's feeds and pages. The first pass over all feeds may be another than this process's own."""
    await (first_pass(run) if first_pass else work_feeds(run, run.plan.specs, runner))
    failed = {feed for feed in run.reports if _may_yet_come(run, feed)}
    again = second_pass(failed, run.plan) if run.has_connected else []
    await gather_or_cancel([runner.pages(run), *(runner.retry(run, shard) for shard in again)])


async def work_feeds(run: RunContext, specs: Iterable[FeedSpec], runner: TaskRunner) -> None:
    """Work feeds in this process, a shard a host or so."""
    await gather_or_cancel(runner.shard(run, shard) for shard in shards_of(specs))


async def work_shard(run: RunContext, shard: Shard) -> None:
    """Fetch and load the feeds of a shard, one line in the log each."""
    await gather_or_cancel(_work_feed(run, spec) for spec in longest_unread_first(shard.specs, run.plan.memories))


async def retry_shard(run: RunContext, shard: Shard) -> None:
    """Ask the feeds of a shard once more, with a single request. Raise StillFailing where a later try may help."""
    failing = [spec for spec in shard.specs if _may_yet_come(run, spec.id)]
    await gather_or_cancel(_work_feed(run, spec, max_tries=1) for spec in failing)
    if any(_may_yet_come(run, spec.id) for spec in failing):
        raise StillFailing(f"{shard.name} failed again")


def failed_feeds(run: RunContext, shard: Shard) -> list[FeedReport]:
    """Return the reports of a shard's feeds that failed."""
    reports = [run.reports[spec.id] for spec in shard.specs]
    return [report for report in reports if report.status is FeedStatus.FAILED]


async def work_queue(run: RunContext) -> None:
    """Work the page queue."""
    run.pages = await work_pages(run)
    log.info(
        "pages: %s", ", ".join(f"{count} {name}" for name, count in asdict(run.pages).items() if count) or "none due"
    )


async def _work_feed(run: RunContext, spec: FeedSpec, max_tries: int | None = None) -> None:
    # What another worker recorded was a try too.
    run.tries[spec.id] = 1 + (run.tries[spec.id] or int(spec.id in run.reports))
    report = await process_feed(run, spec, max_tries=max_tries)
    run.reports[spec.id] = report
    tell("feeds", len(run.reports), len(run.plan.specs))
    log.log(_level(report), "%s", line_of(report, run.tries[spec.id]))


def line_of(report: FeedReport, tries: int = 1) -> str:
    """Tell a feed's outcome in one line; a later try of this run, each of one or more requests, says which it is."""
    counts, again = report.counts, _AGAIN.get(tries, "")
    if report.status is FeedStatus.OK:
        return f"{report.feed}: ok{again}, {counts.seen} seen, {counts.new} new, {counts.updated} updated"
    return f"{report.feed}: {report.status}{again}{f', {report.reason}' if report.reason else ''}"


def _level(report: FeedReport) -> int:
    return logging.WARNING if report.status is FeedStatus.FAILED else logging.INFO


def _may_yet_come(run: RunContext, feed: str) -> bool:
    """Tell whether a feed failed for a passing reason, and has not asked to be left alone for longer than this."""
    report, now = run.reports[feed], run.session.clock()
    is_passing = report.status is FeedStatus.FAILED and report.error in TRANSIENT
    is_waiting = run.retry_after.get(feed, now) > now or run.fetcher.is_left_alone(run.plan.memories[feed].current_url)
    return is_passing and not is_waiting

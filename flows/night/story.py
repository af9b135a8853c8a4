"""The story of a night: all feeds, then a second try for those that deserve one, while the pages are worked."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Final

from flows.night.feed import process_feed
from flows.night.night import Night
from flows.night.pages import work_pages
from flows.night.plan import Shard, second_pass, shards_of
from flows.night.progress import tell
from flows.night.together import together
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

FirstPass = Callable[[Night], Awaitable[None]]


class StillFailing(Transient):
    """Feeds of a second pass failed again for a passing reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """Who does the parts of a night: the bare functions, or Prefect's tasks around them."""

    shard: Callable[[Night, Shard], Awaitable[object]]
    retry: Callable[[Night, Shard], Awaitable[object]]
    pages: Callable[[Night], Awaitable[object]]


async def work_night(night: Night, hands: Hands, first_pass: FirstPass | None = None) -> None:
    """Work a night's feeds and pages. The first pass over all feeds may be another than this process's own."""
    await (first_pass(night) if first_pass else work_feeds(night, night.plan.specs, hands))
    failed = {feed for feed in night.reports if _may_yet_come(night, feed)}
    again = second_pass(failed, night.plan) if night.has_connected else []
    await together([hands.pages(night), *(hands.retry(night, shard) for shard in again)])


async def work_feeds(night: Night, specs: Iterable[FeedSpec], hands: Hands) -> None:
    """Work feeds in this process, a shard a host or so."""
    await together(hands.shard(night, shard) for shard in shards_of(specs))


async def work_shard(night: Night, shard: Shard) -> None:
    """Fetch and load the feeds of a shard, one line in the log each."""
    await together(_work_feed(night, spec) for spec in shard.specs)


async def retry_shard(night: Night, shard: Shard) -> None:
    """Ask the feeds of a shard once more, with a single request. Raise StillFailing where a later try may help."""
    failing = [spec for spec in shard.specs if _may_yet_come(night, spec.id)]
    await together(_work_feed(night, spec, max_tries=1) for spec in failing)
    if any(_may_yet_come(night, spec.id) for spec in failing):
        raise StillFailing(f"{shard.name} failed again")


async def work_queue(night: Night) -> None:
    """Work the page queue."""
    night.pages = await work_pages(night)
    log.info(
        "pages: %s", ", ".join(f"{count} {name}" for name, count in asdict(night.pages).items() if count) or "none due"
    )


async def _work_feed(night: Night, spec: FeedSpec, max_tries: int | None = None) -> None:
    # What another worker recorded was a try too.
    night.tries[spec.id] = 1 + (night.tries[spec.id] or int(spec.id in night.reports))
    report = await process_feed(night, spec, max_tries=max_tries)
    night.reports[spec.id] = report
    tell("feeds", len(night.reports), len(night.plan.specs))
    log.log(_level(report), "%s", line_of(report, night.tries[spec.id]))


def line_of(report: FeedReport, tries: int = 1) -> str:
    """Tell a feed's outcome in one line; a later try of this run, each of one or more requests, says which it is."""
    counts, again = report.counts, _AGAIN.get(tries, "")
    if report.status is FeedStatus.OK:
        return f"{report.feed}: ok{again}, {counts.seen} seen, {counts.new} new, {counts.updated} updated"
    return f"{report.feed}: {report.status}{again}{f', {report.reason}' if report.reason else ''}"


def _level(report: FeedReport) -> int:
    return logging.WARNING if report.status is FeedStatus.FAILED else logging.INFO


def _may_yet_come(night: Night, feed: str) -> bool:
    """Tell whether a feed failed for a passing reason, and has not asked to be left alone for longer than this."""
    report, now = night.reports[feed], night.desk.clock()
    is_passing = report.status is FeedStatus.FAILED and report.error in TRANSIENT
    return is_passing and night.patience.get(feed, now) <= now

"""What needs a person, and what does not yet: judged from facts alone."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from msgspec import Struct

from models import errors
from models.archive.ledger.feeds import FeedState
from models.errors import Bug, Permanent, WorkerKilled
from models.queries.ledger.feed_stats import FeedStats

# What a feed that was never read fails of for good: most often a mistake in its address.
HOPELESS: Final = frozenset(
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, Permanent) and kind not in {Permanent, Bug, WorkerKilled}
)
LOOK_BACK: Final = timedelta(days=90)  # a feed's habits
FAILING_NIGHTS: Final = 3  # once or twice happens to every feed
QUIET_FACTOR: Final = 4  # times its usual gap
QUIET_LEAST: Final = timedelta(days=3)  # a long weekend is no silence
HABIT_DAYS: Final = 5  # with news; fewer tell no habit
VOLUME_NIGHTS: Final = 7  # fewer documents tell no volume
VOLUME_SHARE: Final = 0.5
VOLUME_LEAST: Final = 4  # entries; a smaller feed goes up and down
PAGES_LEAST: Final = 5
RENAMED_NIGHTS: Final = 2  # documents in a row; once, a site has moved
GAP_SHOWN: Final = timedelta(days=7)
LEADS_ELSEWHERE: Final = timedelta(days=2, hours=12)  # three nights
NIGHT_GRACE: Final = timedelta(hours=6)  # for a night that is at work, or late
LOW_SPACE_BYTES: Final = 2_000_000_000  # a few months of nights
LARGE_PREFECT_BYTES: Final = 1_000_000_000


class Finding(Struct, frozen=True, kw_only=True):
    """Something that a person should see to."""

    subject: str  # a feed's id, or what else is meant
    state: str  # one word for what is the matter; an alert goes out when it changes
    message: str


class Surroundings(Struct, frozen=True, kw_only=True):
    """What the archive stands in."""

    now: datetime
    due_at: datetime  # the last time of the schedule
    last_night_at: datetime | None  # the latest whole night that succeeded
    free_bytes: int
    prefect_bytes: int


def findings(feeds: Sequence[FeedStats], around: Surroundings) -> list[Finding]:
    """Return what needs a person, the archive's own matters first, then its feeds in their order."""
    own = list(_own(around))
    return own + [finding for feed in feeds for finding in _of_feed(feed, around.now)]


def _own(around: Surroundings) -> Iterator[Finding]:
    is_due = around.now - around.due_at > NIGHT_GRACE
    if around.last_night_at is None:
        yield Finding(subject="nights", state="none", message="No whole night has succeeded yet.")
    elif is_due and around.last_night_at < around.due_at - NIGHT_GRACE:
        since = f"{around.last_night_at:%Y-%m-%d %H:%M} UTC"
        yield Finding(subject="nights", state="missed", message=f"No whole night has succeeded since {since}.")
    if around.free_bytes < LOW_SPACE_BYTES:
        yield Finding(subject="disk", state="low", message=f"Only {around.free_bytes / 1e9:.1f} GB are free.")
    if around.prefect_bytes > LARGE_PREFECT_BYTES:
        size = f"{around.prefect_bytes / 1e9:.1f} GB"
        yield Finding(subject="prefect", state="large", message=f"Prefect's own database has grown to {size}.")


def _of_feed(feed: FeedStats, now: datetime) -> Iterator[Finding]:
    if feed.current_url != feed.url:
        yield _about(feed, "moved", f"it has moved to {feed.current_url}: write that into feeds.yaml")
    if len(feed.renamed) >= RENAMED_NIGHTS and all(feed.renamed[:RENAMED_NIGHTS]):
        yield _about(feed, "renamed", "its links or ids change at every request: stories are known by title and date")
    yield from _elsewhere(feed, now)
    yield from _gap(feed, now)
    ill = _illness(feed, now)
    if ill is not None:
        yield ill
    elif feed.pages_refused >= PAGES_LEAST and not feed.pages_accepted:
        yield _about(feed, "pages", f"none of its latest {feed.pages_refused} pages gave a text")


def _elsewhere(feed: FeedStats, now: datetime) -> Iterator[Finding]:
    """Find a redirect that stays and is not proven: whether that is still the feed, a person sees at a glance."""
    if feed.moved_to and feed.moved_since and not feed.moved_nights and now - feed.moved_since >= LEADS_ELSEWHERE:
        since = f"{feed.moved_since:%Y-%m-%d}"
        message = f"since {since} it leads to {feed.moved_to}, which shows other entries: is it still the one?"
        yield _about(feed, "elsewhere", message)


def _gap(feed: FeedStats, now: datetime) -> Iterator[Finding]:
    if feed.gap_at is not None and now - feed.gap_at < GAP_SHOWN:
        message = f"on {feed.gap_at:%Y-%m-%d} it shared no entry with the time before, so that some were missed"
        yield _about(feed, "gap", f"{message}: schedule more often")


def _illness(feed: FeedStats, now: datetime) -> Finding | None:
    if feed.state == FeedState.GONE:
        return _about(feed, "gone", "it said that it is gone for good (410)")
    if feed.state == FeedState.DORMANT or feed.failing_nights >= FAILING_NIGHTS:
        return _about(feed, "dead", _failing(feed))
    if not feed.was_read and feed.last_error in HOPELESS:
        return _about(feed, "unread", f"it has never been read, {feed.last_reason}: correct its address in feeds.yaml")
    return _silence(feed, now.date()) or _shortness(feed)


def _failing(feed: FeedStats) -> str:
    since = f", since {feed.failing_since:%Y-%m-%d}" if feed.failing_since else ""
    reason = feed.last_reason or feed.state_reason
    nights = f"{feed.failing_nights} nights" + ("" if feed.state == FeedState.DORMANT else " in a row")
    rest = "dormant, " if feed.state == FeedState.DORMANT else ""
    return f"{rest}it has failed on {nights}{since}{f': {reason}' if reason else ''}"


def _silence(feed: FeedStats, today: date) -> Finding | None:
    days = feed.news_days
    if len(days) < HABIT_DAYS:
        return None
    usual = median((later - earlier).days for earlier, later in pairwise(days))
    silent = (today - days[-1]).days
    if silent < max(QUIET_FACTOR * usual, QUIET_LEAST.days):
        return None
    return _about(feed, "quiet", f"nothing new for {silent} days; usual are {usual:g}")


def _shortness(feed: FeedStats) -> Finding | None:
    if len(feed.seen) < VOLUME_NIGHTS:
        return None
    latest, usual = feed.seen[0], median(feed.seen[1:])
    if usual < VOLUME_LEAST or latest >= usual * VOLUME_SHARE:
        return None
    return _about(feed, "short", f"its latest document held {latest} entries; usual are {usual:g}")


def _about(feed: FeedStats, state: str, message: str) -> Finding:
    return Finding(subject=feed.id, state=state, message=f"{feed.id}: {message}.")

"""What the ledger tells of each feed's health: facts, without a judgement."""

from collections import defaultdict
from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import Connection, func, select

from models.identity import PageState
from models.queries.ledger.runs import FETCHING
from models.reports import RENAMED, FeedStatus
from models.tables.feeds import Feed
from models.tables.runs import FeedRun, Run
from models.tables.stories import Sighting, Story

_NOTHING = (None, None)
NIGHTS_BACK = 30  # of a feed's rows in the ledger


class FeedStats(Struct, frozen=True, kw_only=True):
    """A feed of feeds.yaml, as the nights have found it."""

    id: str
    url: str
    current_url: str
    state: str
    state_reason: str | None
    failing_nights: int
    news_days: tuple[date, ...]  # on which it showed a story for the first time, the oldest first
    seen: tuple[int, ...]  # entries in its latest documents that were read, the newest first
    renamed: tuple[bool, ...]  # whether most of what these showed before had other links or ids
    pages_accepted: int
    pages_refused: int  # or failed
    was_read: bool = True  # at the address that it has in feeds.yaml, or where that led
    last_error: str | None = None  # class of models.errors, of the last time that it was asked
    last_reason: str | None = None
    failing_since: datetime | None = None
    moved_to: str | None = None  # where permanent redirects lead, and that is not believed yet
    moved_since: datetime | None = None
    moved_nights: int = 0  # that they led to the same feed
    gap_at: datetime | None = None  # when its document last shared no entry with the one before


def feed_stats(connection: Connection, since: datetime) -> list[FeedStats]:
    """Return the facts about every feed that stands in feeds.yaml; days of news since a moment."""
    days, seen, pages = _news_days(connection, since), _seen(connection), _pages(connection, since)
    latest = _latest(connection)
    feeds = select(Feed).where(Feed.is_active, Feed.kind == "feed").order_by(Feed.position)
    return [
        FeedStats(
            id=row.id,
            url=row.url,
            current_url=row.current_url,
            state=row.state,
            state_reason=row.state_reason,
            failing_nights=row.failing_nights,
            news_days=tuple(sorted(days[row.id])),
            seen=tuple(count for count, _ in seen[row.id]),
            renamed=tuple(is_renamed for _, is_renamed in seen[row.id]),
            pages_accepted=pages[row.id, True],
            pages_refused=pages[row.id, False],
            was_read=row.unconditional_at is not None,
            last_error=latest.get(row.id, _NOTHING)[0],
            last_reason=latest.get(row.id, _NOTHING)[1],
            failing_since=row.failing_since,
            moved_to=row.moved_to,
            moved_since=row.moved_since,
            moved_nights=row.moved_nights,
            gap_at=row.gap_at,
        )
        for row in connection.execute(select(feeds.subquery()))
    ]


def _latest(connection: Connection) -> dict[str, tuple[str | None, str | None]]:
    """Return the error and the reason of the last time that each feed was asked."""
    was_asked = (Run.mode.in_(FETCHING), FeedRun.status != FeedStatus.SKIPPED.value)
    runs = select(func.max(FeedRun.run_id).label("run_id"), FeedRun.feed_id).join(Run, Run.id == FeedRun.run_id)
    last = runs.where(*was_asked).group_by(FeedRun.feed_id).subquery("last")
    is_last = (FeedRun.feed_id == last.c.feed_id) & (FeedRun.run_id == last.c.run_id)
    rows = connection.execute(select(FeedRun.feed_id, FeedRun.error, FeedRun.reason).join(last, is_last))
    return {feed_id: (error, reason) for feed_id, error, reason in rows.tuples()}


def _news_days(connection: Connection, since: datetime) -> defaultdict[str, set[date]]:
    found: defaultdict[str, set[date]] = defaultdict(set)
    # What one document showed has one moment. With the feed in front SQLite would go by an index of feeds, row by row.
    rows = select(Sighting.first_seen_at, Sighting.feed_id).where(Sighting.first_seen_at >= since).distinct()
    for at, feed_id in connection.execute(rows).tuples():
        found[feed_id].add(at.date())
    return found


def _seen(connection: Connection) -> defaultdict[str, list[tuple[int, bool]]]:
    """Return of each feed's latest documents how many entries they held, and whether their names were new."""
    found: defaultdict[str, list[tuple[int, bool]]] = defaultdict(list)
    latest = select(Run.id).where(Run.mode == "run").order_by(Run.id.desc()).limit(NIGHTS_BACK)
    rows = (
        select(FeedRun.feed_id, FeedRun.seen, FeedRun.warnings)
        .where(FeedRun.run_id.in_(latest), FeedRun.status == FeedStatus.OK.value)
        .order_by(FeedRun.run_id.desc())
    )
    for feed_id, count, warnings in connection.execute(rows).tuples():
        found[feed_id].append((count, any(str(warning).startswith(RENAMED) for warning in warnings)))
    return found


def _pages(connection: Connection, since: datetime) -> defaultdict[tuple[str, bool], int]:
    found: defaultdict[tuple[str, bool], int] = defaultdict(int)
    tried = (PageState.ACCEPTED.value, PageState.REFUSED.value, PageState.FAILED.value)
    # Joined from outside, so that what the feeds showed of late is read first, and not every page that was ever tried.
    # Grouped by the state first: by the feed, SQLite would take them by an index of feeds, each row from elsewhere.
    rows = (
        select(Sighting.feed_id, Story.page_state, func.count())
        .join(Story, Story.id == Sighting.story_id, isouter=True)
        .where(Sighting.first_seen_at >= since)
        .group_by(Story.page_state, Sighting.feed_id)
    )
    for feed_id, state, count in connection.execute(rows).tuples():
        if state in tried:
            found[feed_id, state == PageState.ACCEPTED.value] += count
    return found

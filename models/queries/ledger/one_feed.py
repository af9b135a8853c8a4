"""The ledger of one feed, night by night."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, select

from models.tables.runs import FeedRun, Run


class NightOfFeed(Struct, frozen=True, kw_only=True):
    """What a feed gave in one run."""

    run_id: int
    started_at: datetime
    status: str
    reason: str | None
    seen: int
    new: int
    http_status: int | None


def nights_of_feed(connection: Connection, feed_id: str, limit: int) -> list[NightOfFeed]:
    """Return the latest runs that asked a feed, the newest first."""
    query = (
        select(FeedRun.run_id, Run.started_at, FeedRun.status, FeedRun.reason, FeedRun.seen, FeedRun.new)
        .add_columns(FeedRun.http_status)
        .join(Run, Run.id == FeedRun.run_id)
        .where(FeedRun.feed_id == feed_id)
        .order_by(FeedRun.run_id.desc())
        .limit(limit)
    )
    return [NightOfFeed(**row._asdict()) for row in connection.execute(query)]

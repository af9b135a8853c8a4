"""Feeds for display: the state of each and how much it has given."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, func, select

from models.queries.ledger.runs import FETCHING
from models.queries.ledger.totals import stories_by_feed, stories_by_topic
from models.tables.feeds import Feed
from models.tables.labels import TopicRow
from models.tables.runs import FeedRun, Run


class FeedSummary(Struct, frozen=True, kw_only=True):
    """A feed with its state."""

    id: str
    name: str
    url: str
    current_url: str
    kind: str  # feed | import
    is_active: bool  # it stands in feeds.yaml
    state: str
    state_reason: str | None
    failing_nights: int
    next_attempt_at: datetime | None
    last_success_at: datetime | None
    stories: int  # about climate, that it shows or showed
    last_run_id: int | None
    last_status: str | None  # its outcome in that run
    last_reason: str | None


class TopicSummary(Struct, frozen=True, kw_only=True):
    """A topic with what it holds."""

    id: str
    name: str
    definition: str
    is_active: bool  # it stands in topics.yaml
    stories: int  # about climate, that have it now


def list_feeds(connection: Connection) -> list[FeedSummary]:
    """Return every feed that the archive knows, in the order of feeds.yaml."""
    counts = stories_by_feed(connection)
    asked = select(FeedRun.feed_id, func.max(FeedRun.run_id).label("run_id")).join(Run, Run.id == FeedRun.run_id)
    # Work on stored bytes says nothing about how a feed answers.
    latest = asked.where(Run.mode.in_((*FETCHING, "import"))).group_by(FeedRun.feed_id).subquery("last")
    rows = connection.execute(
        select(
            Feed.id,
            Feed.name,
            Feed.url,
            Feed.current_url,
            Feed.kind,
            Feed.is_active,
            Feed.state,
            Feed.state_reason,
            Feed.failing_nights,
            Feed.next_attempt_at,
            Feed.last_success_at,
            FeedRun.run_id.label("last_run_id"),
            FeedRun.status.label("last_status"),
            FeedRun.reason.label("last_reason"),
        )
        .join(latest, latest.c.feed_id == Feed.id, isouter=True)
        .join(FeedRun, (FeedRun.feed_id == Feed.id) & (FeedRun.run_id == latest.c.run_id), isouter=True)
        .order_by(Feed.is_active.desc(), Feed.position, Feed.id)
    )
    return [FeedSummary(**row._mapping, stories=counts[row.id]) for row in rows]  # noqa: SLF001 (SQLAlchemy's public name)


def feed_ids(connection: Connection) -> list[str]:
    """Return the id of every feed that the archive knows, sources of imports included."""
    return list(connection.scalars(select(Feed.id).order_by(Feed.position, Feed.id)))


def topic_ids(connection: Connection) -> list[str]:
    """Return the id of every topic that the archive knows."""
    return list(connection.scalars(select(TopicRow.id).order_by(TopicRow.id)))


def list_topics(connection: Connection) -> list[TopicSummary]:
    """Return every topic that the archive knows, by id."""
    counts = stories_by_topic(connection)
    columns = (TopicRow.id, TopicRow.name, TopicRow.definition, TopicRow.is_active)
    rows = connection.execute(select(*columns).order_by(TopicRow.id))
    return [TopicSummary(**row._mapping, stories=counts[row.id]) for row in rows]  # noqa: SLF001 (SQLAlchemy's public name)


def topic_names(connection: Connection) -> dict[str, str]:
    """Return the name of every topic that the archive knows."""
    return dict(connection.execute(select(TopicRow.id, TopicRow.name)).tuples().all())


def feed_names(connection: Connection) -> dict[str, str]:
    """Return the name of every feed that the archive knows, sources of imports included."""
    return dict(connection.execute(select(Feed.id, Feed.name)).tuples().all())

"""How much an archive holds, and since when."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, func, select

from models.queries.filters import StoryFilter, count_stories
from models.queries.ledger.runs import FETCHING
from models.queries.ledger.totals import stories_and_entries
from models.tables.documents import RawBlob
from models.tables.feeds import Feed
from models.tables.runs import Run
from models.tables.stories import Story, StoryVersion


class Extent(Struct, frozen=True, kw_only=True):
    """Counts of an archive."""

    stories: int  # about climate
    off_topic: int  # kept, and hidden
    withdrawn: int
    corrected: int  # stories about climate that were revised
    versions: int
    documents: int
    feeds: int
    first_night: datetime | None
    last_night: datetime | None


def extent(connection: Connection) -> Extent:
    """Count what an archive holds."""
    nights = select(func.min(Run.started_at), func.max(Run.started_at)).where(Run.mode.in_(FETCHING))
    first, last = connection.execute(nights).tuples().one()
    stories, entries = stories_and_entries(connection)
    return Extent(
        stories=stories,
        off_topic=entries - stories,
        withdrawn=connection.scalar(select(func.count()).where(Story.withdrawn_at.is_not(None))) or 0,
        corrected=count_stories(connection, StoryFilter(corrected=True)),
        versions=connection.scalar(select(func.count()).select_from(StoryVersion)) or 0,
        documents=connection.scalar(select(func.count()).select_from(RawBlob)) or 0,
        feeds=connection.scalar(select(func.count()).where(Feed.kind == "feed", Feed.is_active)) or 0,
        first_night=first,
        last_night=last,
    )

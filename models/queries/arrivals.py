"""What came in: the stories that a run admitted, or that were admitted since a moment, the latest first."""

from datetime import datetime
from typing import Any

from msgspec import Struct, field
from sqlalchemy import ColumnElement, Connection, func, literal, select, tuple_

from models.errors import NotFound
from models.queries.filters import StoryFilter, conditions
from models.queries.ledger.runs import LATEST, find_run
from models.queries.stories import feeds_of, topics_of
from models.reports import RunStatus
from models.stages import TopicScore
from models.storage.database import UtcDateTime
from models.tables.runs import Run
from models.tables.stories import Story

_BRINGING = ("run", "rerun", "import", "reprocess")


class ArrivalRequest(Struct, frozen=True, kw_only=True):
    """Which arrivals are wanted."""

    run_id: int | None = None  # those that this run admitted
    since: datetime | None = None  # those admitted at this moment or later
    filter: StoryFilter = field(default_factory=StoryFilter)
    before: tuple[datetime, int] | None = None  # the moment and id of the last one of the page before
    limit: int = 100


class Arrival(Struct, frozen=True, kw_only=True):
    """A story in a list of what came in."""

    id: int
    uid: str
    title: str
    url: str | None
    language: str | None
    published_at: datetime | None
    first_seen_at: datetime
    relevant_at: datetime
    run_id: int  # that admitted it
    cluster_id: int
    feeds: tuple[str, ...]
    topics: tuple[TopicScore, ...]


def arrivals(connection: Connection, wanted: ArrivalRequest) -> list[Arrival]:
    """Return what came in, the latest first."""
    met = _met(wanted)
    if wanted.before is not None:
        moment, story_id = wanted.before
        met.append(tuple_(Story.relevant_at, Story.id) < tuple_(literal(moment, UtcDateTime()), literal(story_id)))
    query = select(*_COLUMNS).where(*met).order_by(Story.relevant_at.desc(), Story.id.desc()).limit(wanted.limit)
    rows = connection.execute(query).all()
    feeds = feeds_of(connection, [row.id for row in rows])
    topics = topics_of(connection, [row.classification_id for row in rows if row.classification_id])
    return [_arrival(row._mapping, feeds[row.id], topics[row.classification_id]) for row in rows]  # noqa: SLF001 (SQLAlchemy's public name)


def count_arrivals(connection: Connection, wanted: ArrivalRequest) -> int:
    """Count what came in, whatever the limit and the page."""
    return connection.scalar(select(func.count()).select_from(Story).where(*_met(wanted))) or 0


def bringing_run(connection: Connection, reference: str) -> int:
    """Return the run that a number names; "latest" is the latest that read feeds or documents. Raise NotFound."""
    if reference != LATEST:
        return find_run(connection, reference)
    brought = (Run.mode.in_(_BRINGING), Run.status != RunStatus.SKIPPED.value)
    latest = connection.scalar(select(func.max(Run.id)).where(*brought))
    if latest is None:
        raise NotFound("No run of this archive has read anything yet.")
    return latest


_COLUMNS = (
    Story.id,
    Story.uid,
    Story.title,
    Story.url,
    Story.language,
    Story.published_at,
    Story.first_seen_at,
    Story.relevant_at,
    Story.relevant_run_id.label("run_id"),
    Story.cluster_id,
    Story.classification_id,
)


def _met(wanted: ArrivalRequest) -> list[ColumnElement[bool]]:
    met = conditions(wanted.filter)
    if wanted.run_id is not None:
        met.append(Story.relevant_run_id == wanted.run_id)
    if wanted.since is not None:
        met.append(Story.relevant_at >= wanted.since)
    return met


def _arrival(row: Any, feeds: tuple[str, ...], topics: tuple[TopicScore, ...]) -> Arrival:  # noqa: ANN401 (SQLAlchemy's mapping)
    values = {name: row[name] for name in row if name != "classification_id"}
    return Arrival(**values, feeds=feeds, topics=topics)

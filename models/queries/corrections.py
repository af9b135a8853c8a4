"""What was corrected: one query for all of a kind, since a moment, of a story."""

from datetime import datetime

from msgspec import Struct, field
from sqlalchemy import ColumnElement, Connection, func, literal, select, tuple_

from models.corrections import CorrectionKind
from models.queries.filters import StoryFilter, conditions
from models.queries.stories import feeds_of
from models.storage.database import UtcDateTime
from models.tables.corrections import CorrectionRow
from models.tables.stories import Story, StoryVersion


class CorrectionRequest(Struct, frozen=True, kw_only=True):
    """Which corrections are wanted."""

    kinds: tuple[CorrectionKind, ...] = ()  # any of them; none: whichever
    since: datetime | None = None  # seen at this moment or later
    run_ids: tuple[int, ...] | None = None  # seen by these runs; None: by any
    story_id: int | None = None
    filter: StoryFilter = field(default_factory=StoryFilter)
    before: tuple[datetime, int] | None = None  # moment and id of the last one of the page before
    limit: int = 100


class CorrectionRecord(Struct, frozen=True, kw_only=True):
    """A correction, with the story that it is of."""

    id: int
    kind: CorrectionKind
    sentence_before: str
    sentence_after: str
    before: str
    after: str
    unit: str | None
    corrected_at: datetime  # when it was seen
    run_id: int
    version: int  # the number of the version that came of it
    story_id: int
    uid: str
    title: str
    url: str | None
    feeds: tuple[str, ...]


def corrections(connection: Connection, wanted: CorrectionRequest) -> list[CorrectionRecord]:
    """Return corrections, the latest first."""
    met = _met(wanted)
    key = (CorrectionRow.corrected_at, CorrectionRow.id)
    if wanted.before is not None:
        moment, correction_id = wanted.before
        met.append(tuple_(*key) < tuple_(literal(moment, UtcDateTime()), literal(correction_id)))
    query = select(*_COLUMNS).join(Story, Story.id == CorrectionRow.story_id)
    query = query.join(StoryVersion, StoryVersion.id == CorrectionRow.version_id).where(*met)
    rows = connection.execute(query.order_by(*(column.desc() for column in key)).limit(wanted.limit)).all()
    feeds = feeds_of(connection, list({row.story_id for row in rows}))
    return [
        CorrectionRecord(**dict(row._mapping) | {"kind": CorrectionKind(row.kind)}, feeds=feeds[row.story_id])  # noqa: SLF001 (SQLAlchemy's public name)
        for row in rows
    ]


def count_corrections(connection: Connection, wanted: CorrectionRequest) -> int:
    """Count corrections, whatever the limit and the page."""
    query = select(func.count()).select_from(CorrectionRow).join(Story, Story.id == CorrectionRow.story_id)
    return connection.scalar(query.where(*_met(wanted))) or 0


_COLUMNS = (
    CorrectionRow.id,
    CorrectionRow.kind,
    CorrectionRow.sentence_before,
    CorrectionRow.sentence_after,
    CorrectionRow.before,
    CorrectionRow.after,
    CorrectionRow.unit,
    CorrectionRow.corrected_at,
    CorrectionRow.run_id,
    StoryVersion.number.label("version"),
    CorrectionRow.story_id,
    Story.uid,
    Story.title,
    Story.url,
)


def _met(wanted: CorrectionRequest) -> list[ColumnElement[bool]]:
    met = conditions(wanted.filter)
    if wanted.kinds:
        met.append(CorrectionRow.kind.in_([kind.value for kind in wanted.kinds]))
    if wanted.since is not None:
        met.append(CorrectionRow.corrected_at >= wanted.since)
    if wanted.run_ids is not None:
        met.append(CorrectionRow.run_id.in_(wanted.run_ids))
    if wanted.story_id is not None:
        met.append(CorrectionRow.story_id == wanted.story_id)
    return met

"""Make stories that turned out to be one article part of the oldest. Their rows, keys and versions stay."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, or_, select, update

from models.archive.ledger.changes import log_changes, shown_among, told_among
from models.archive.ledger.counts import counting
from models.archive.stories import make_pages_due, queue_for_search
from models.changes import ChangeKind
from models.identity import Merger, PageState
from models.tables.corrections import CorrectionRow
from models.tables.keys import table_of
from models.tables.stories import Sighting, Story

_STORIES, _SIGHTINGS, _CORRECTIONS = table_of(Story), table_of(Sighting), table_of(CorrectionRow)


def merge_stories(connection: Connection, merger: Merger, now: datetime, run_id: int | None = None) -> None:
    """Carry out a merger and log it; no text changes and no version is written."""
    parts = _parts(connection, merger)
    before = shown_among(connection, [merger.into]) | told_among(connection, parts)
    with counting(connection, [merger.into, *merger.story_ids]):
        _merge(connection, merger)
    merged = [(story_id, ChangeKind.MERGED) for story_id in (merger.into, *parts)]
    log_changes(connection, merged, before, now, run_id)
    _follow_to_page(connection, merger, now)
    queue_for_search(connection, [merger.into, *merger.story_ids], now)


def _parts(connection: Connection, merger: Merger) -> Sequence[int]:
    """Return the stories that go, with those that were merged into them before."""
    is_part = or_(_STORIES.c.id.in_(merger.story_ids), _STORIES.c.merged_into.in_(merger.story_ids))
    return connection.scalars(select(_STORIES.c.id).where(is_part).order_by(_STORIES.c.id)).all()


def _merge(connection: Connection, merger: Merger) -> None:
    for story_id in merger.story_ids:
        # What was merged before follows, so that every pointer leads straight to a story that is read.
        is_part = or_(_STORIES.c.id == story_id, _STORIES.c.merged_into == story_id)
        connection.execute(update(_STORIES).where(is_part).values(merged_into=merger.into, page_due_at=None))
        _move_sightings(connection, story_id, merger.into)
        connection.execute(update(_CORRECTIONS).where(_CORRECTIONS.c.story_id == story_id).values(story_id=merger.into))
        _move_admission(connection, story_id, merger.into)
    if merger.url is not None:
        connection.execute(update(_STORIES).where(_STORIES.c.id == merger.into).values(url=merger.url))


def _move_sightings(connection: Connection, story_id: int, into: int) -> None:
    """Give the oldest what other feeds showed; a feed that shows both keeps a sighting of each."""
    has_one = select(_SIGHTINGS.c.feed_id).where(_SIGHTINGS.c.story_id == into)
    mine = (_SIGHTINGS.c.story_id == story_id) & _SIGHTINGS.c.feed_id.not_in(has_one)
    connection.execute(update(_SIGHTINGS).where(mine).values(story_id=into))


def _move_admission(connection: Connection, story_id: int, into: int) -> None:
    """Let the oldest stand where the younger stood: what was admitted is not turned out, and is counted once."""
    admission = (_STORIES.c.relevant_at, _STORIES.c.relevant_run_id)
    given = connection.execute(select(*admission).where(_STORIES.c.id == story_id)).one()
    is_turned_away = (_STORIES.c.id == into) & _STORIES.c.relevant_run_id.is_(None)
    moved = update(_STORIES).where(is_turned_away).values(given._asdict())
    if given.relevant_run_id is not None and connection.execute(moved).rowcount:
        nothing = {"relevant_at": None, "relevant_run_id": None}
        connection.execute(update(_STORIES).where(_STORIES.c.id == story_id).values(nothing))


def _follow_to_page(connection: Connection, merger: Merger, now: datetime) -> None:
    """Ask for the oldest's page if that was never done: a younger one's was."""
    followed = select(func.count()).where(
        _STORIES.c.id.in_(merger.story_ids), _STORIES.c.page_state != PageState.NONE.value
    )
    unfollowed = select(_STORIES.c.id).where(
        _STORIES.c.id == merger.into, _STORIES.c.page_state == PageState.NONE.value, _STORIES.c.url.is_not(None)
    )
    if connection.scalar(followed):
        make_pages_due(connection, connection.scalars(unfollowed).all(), now)

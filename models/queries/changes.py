"""What changed since a run, a moment or the cursor of an earlier call: each story once, as it stands now.

A cursor names a row of the log of changes and holds a mark of that row, so that another archive's cursor, or one of
days that a restored backup does not hold, is refused instead of leaving something out.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, func, select

from models.changes import ChangeKind, Standing
from models.errors import NotFound
from models.queries.filters import StoryFilter, conditions
from models.queries.ledger.runs import find_run
from models.queries.stories import StoryRecord, load_stories
from models.storage.database import BATCH_ROWS
from models.tables.changes import ChangeRow
from models.tables.conventions import alias_of
from models.tables.labels import ClassificationRow
from models.tables.queues import SearchQueue
from models.tables.runs import Run
from models.tables.stories import Sighting, Story, StoryVersion

_CURSOR: Final = re.compile(r"c(\d{1,18})(?:-([0-9a-f]{8}))?")
_START: Final = "c0"
# Whatever is written of a story has a new row in one of these.
_WRITTEN: Final = (ChangeRow.id, Story.id, StoryVersion.id, ClassificationRow.id, Sighting.id)


class ChangedStory(Struct, frozen=True, kw_only=True):
    """A story that changed, as it stands now; of one that is read no more, the tombstone."""

    standing: Standing
    id: int
    uid: str
    kinds: tuple[ChangeKind, ...]  # what happened to it, each once, in the order of time
    run_id: int | None  # that did the last of it
    changed_at: datetime  # the last time
    cursor: str  # all up to this one was read
    story: StoryRecord | None  # None: it is gone
    reason: str | None = None  # of a withdrawal
    merged_into: str | None = None  # the uid of the story it became part of


def is_cursor(reference: str) -> bool:
    """Tell whether a word is written as a cursor is."""
    return _CURSOR.fullmatch(reference) is not None


def after_cursor(connection: Connection, cursor: str) -> int:
    """Return the change that a cursor stands behind. Raise NotFound where it is not of this archive."""
    found = _CURSOR.fullmatch(cursor)
    change_id = int(found[1]) if found else 0
    if found is None or cursor_at(connection, change_id) != cursor:
        raise NotFound(
            f'The cursor "{cursor}" is not of this archive, or of a day that it no longer holds: '
            "export everything once, and go on from the cursor that this prints."
        )
    return change_id


def after_run(connection: Connection, reference: str) -> int:
    """Return the last change of a run, or before its end where it changed nothing. Raise NotFound."""
    run_id = find_run(connection, reference)
    own = connection.scalar(select(func.max(ChangeRow.id)).where(ChangeRow.run_id == run_id))
    if own is not None:
        return own
    ended = connection.scalar(select(func.coalesce(Run.finished_at, Run.started_at)).where(Run.id == run_id))
    return _before_the_first(connection, ChangeRow.changed_at > ended)


def after_moment(connection: Connection, moment: datetime) -> int:
    """Return the last change before all that were made at a moment or later."""
    return _before_the_first(connection, ChangeRow.changed_at >= moment)


def _before_the_first(connection: Connection, is_later: ColumnElement[bool]) -> int:
    """Return the last change before every later one: who writes first may have begun last."""
    first = connection.scalar(select(func.min(ChangeRow.id)).where(is_later))
    return last_change(connection) if first is None else first - 1


def last_change(connection: Connection) -> int:
    """Return the number of the last change."""
    return connection.scalar(select(func.max(ChangeRow.id))) or 0


def last_written(connection: Connection) -> tuple[int, ...]:
    """Return what changes with everything that a search, or a count over stories, reads."""
    latest = [select(func.max(key)).scalar_subquery() for key in _WRITTEN]
    waiting = select(func.count()).select_from(SearchQueue).scalar_subquery()  # to be found; it is fewer after indexing
    return tuple(number or 0 for number in connection.execute(select(*latest, waiting)).one())


def cursor_at(connection: Connection, change_id: int) -> str:
    """Return the cursor behind a change, or behind the last one before it."""
    columns = (ChangeRow.id, ChangeRow.kind, ChangeRow.changed_at, Story.uid)
    query = select(*columns).join(Story, Story.id == ChangeRow.story_id).where(ChangeRow.id <= change_id)
    row = connection.execute(query.order_by(ChangeRow.id.desc()).limit(1)).one_or_none()
    return _START if row is None else _cursor(row.id, row.uid, row.kind, row.changed_at)


def changed_stories(
    connection: Connection, after: int, upto: int, wanted: StoryFilter, *, at_first: int = BATCH_ROWS
) -> Iterator[ChangedStory]:
    """Give the stories that changed behind one change and up to another, in the order of their last change.

    A story that meets the filter is given whole; one that does not, and may have met it before, as a tombstone. Whoever
    wants few says how many are read at first: whole stories are read in vain else.
    """
    last, most = after, at_first
    while rows := _page(connection, last, upto, most):
        yield from _changed(connection, rows, after, wanted)
        last, most = rows[-1].id, min(2 * most, BATCH_ROWS)


def _page(connection: Connection, last: int, upto: int, most: int) -> Sequence[Row[Any]]:
    later = alias_of(ChangeRow)
    is_again = select(later.id).where(later.story_id == ChangeRow.story_id, later.id > ChangeRow.id, later.id <= upto)
    query = (
        select(
            *(ChangeRow.id, ChangeRow.story_id, ChangeRow.kind, ChangeRow.run_id, ChangeRow.changed_at),
            *(Story.uid, Story.relevant_at, Story.withdrawn_at, Story.withdrawn_reason, Story.merged_into),
        )
        .join(Story, Story.id == ChangeRow.story_id)
        .where(ChangeRow.id > last, ChangeRow.id <= upto, ~is_again.exists())
    )
    return connection.execute(query.order_by(ChangeRow.id).limit(most)).all()


def _changed(
    connection: Connection, rows: Sequence[Row[Any]], after: int, wanted: StoryFilter
) -> Iterator[ChangedStory]:
    ids = [row.story_id for row in rows]
    history = _history(connection, ids, rows[-1].id)
    meeting = select(Story.id).where(Story.id.in_(ids), *conditions(wanted))
    met = {story.id: story for story in load_stories(connection, list(connection.scalars(meeting)))}
    uids = _uids(connection, [row.merged_into for row in rows if row.merged_into is not None])
    for row in rows:
        is_new = history[row.story_id][0][0] > after
        standing = _standing(row, is_met=row.story_id in met, is_new=is_new)
        if standing is Standing.LEFT and is_new:
            continue  # it never met the filter
        yield ChangedStory(
            standing=standing,
            id=row.story_id,
            uid=row.uid,
            kinds=tuple(dict.fromkeys(kind for change_id, kind in history[row.story_id] if change_id > after)),
            run_id=row.run_id,
            changed_at=row.changed_at,
            cursor=_cursor(row.id, row.uid, row.kind, row.changed_at),
            story=met.get(row.story_id),
            reason=row.withdrawn_reason,
            merged_into=uids.get(row.merged_into),
        )


def _standing(row: Row[Any], *, is_met: bool, is_new: bool) -> Standing:
    if is_met:
        return Standing.NEW if is_new else Standing.CHANGED
    if row.withdrawn_at is not None:
        return Standing.WITHDRAWN
    if row.merged_into is not None:
        return Standing.MERGED
    return Standing.HIDDEN if row.relevant_at is None else Standing.LEFT


def _history(
    connection: Connection, story_ids: Sequence[int], upto: int
) -> defaultdict[int, list[tuple[int, ChangeKind]]]:
    found: defaultdict[int, list[tuple[int, ChangeKind]]] = defaultdict(list)
    query = select(ChangeRow.story_id, ChangeRow.id, ChangeRow.kind).where(ChangeRow.story_id.in_(story_ids))
    for row in connection.execute(query.where(ChangeRow.id <= upto).order_by(ChangeRow.id)):
        found[row.story_id].append((row.id, ChangeKind(row.kind)))
    return found


def _uids(connection: Connection, story_ids: Sequence[int]) -> dict[int, str]:
    return dict(connection.execute(select(Story.id, Story.uid).where(Story.id.in_(story_ids))).tuples().all())


def _cursor(change_id: int, uid: str, kind: str, changed_at: datetime) -> str:
    said = f"{uid} {kind} {changed_at.astimezone(UTC).isoformat()}"
    return f"c{change_id}-{hashlib.sha256(said.encode()).hexdigest()[:8]}"

"""The queue of stories to be compared with others: what changed, by the log, and what was there before these rules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, delete, insert, literal, select

from models.archive.ledger.changes import IS_SHOWN
from models.archive.texts.copies import forget_copies
from models.archive.texts.copy_bands import era_of
from models.archive.texts.copy_texts import Uncompared, stories_of
from models.archive.texts.following import begun, go_on
from models.changes import ChangeKind
from models.storage.database import UtcDateTime, batches
from models.tables.changes import ChangeRow
from models.tables.copies import CopyQueue, StoryCopy
from models.tables.keys import table_of
from models.tables.stories import Story

_CHANGES_AT_ONCE: Final = 2_000
_FOLLOWER: Final = "copies"
_STORIES, _COPIES, _QUEUE, _CHANGES = table_of(Story), table_of(StoryCopy), table_of(CopyQueue), table_of(ChangeRow)


def follow(connection: Connection, rules: str) -> None:
    """Follow the log from here on, where it is not followed by these rules: what is there by now was there before."""
    begun(connection, _FOLLOWER, rules, _STORIES)


def next_uncompared(connection: Connection, rules: str, most: int, now: datetime) -> list[Uncompared]:
    """Return the next stories to be compared, of those that wait and those that the log names."""
    return list(stories_of(connection, _next(connection, rules, most, now)).values())


def next_settled(connection: Connection, rules: str, count: int, now: datetime) -> list[Uncompared]:
    """Return so many of them; none where there are fewer, or where a page is about to bring one of them another text.

    Whoever compares takes those of the lowest ids: of two that do so at once the one sees all that the other has taken,
    or more, and no pair is missed. So none is passed over here.
    """
    ids = _next(connection, rules, count, now)
    is_due = select(_STORIES.c.id).where(_STORIES.c.id.in_(ids), _STORIES.c.page_due_at <= now).limit(1)
    if len(ids) < count or connection.scalar(is_due) is not None:
        return []
    return list(stories_of(connection, ids).values())


def queue_kept(connection: Connection, rules: str, most: int, now: datetime) -> int | None:
    """Have the next stories compared that were there before these rules, the newest first; of `most` numbers.

    Return below which number the others wait; None where these rules have read all. What was found by other rules
    stays until then.
    """
    before = begun(connection, _FOLLOWER, rules, _STORIES).kept_before
    if before <= 1:
        return None
    first = max(before - most, 0)
    _queue(connection, (_STORIES.c.id >= first) & (_STORIES.c.id < before), now)
    go_on(connection, _FOLLOWER, rules, kept_before=first)
    return first


def _queue_changed(connection: Connection, rules: str, now: datetime) -> bool:
    """Queue the stories of the next changes; tell whether there were any."""
    after = begun(connection, _FOLLOWER, rules, _STORIES).change_id
    waiting = select(_CHANGES.c.id).where(_CHANGES.c.id > after).order_by(_CHANGES.c.id).limit(_CHANGES_AT_ONCE)
    ids = connection.scalars(waiting).all()
    if not ids:
        return False
    is_next = (_CHANGES.c.id > after) & (_CHANGES.c.id <= ids[-1])
    is_fact = _CHANGES.c.kind == ChangeKind.FACTS.value
    changed = select(_CHANGES.c.story_id).where(is_next & ~is_fact, _CHANGES.c.kind != ChangeKind.COPIES.value)
    gone = select(_STORIES.c.id).where(_STORIES.c.id.in_(changed), ~IS_SHOWN)
    for batch in batches(connection.scalars(gone).all()):
        forget_copies(connection, batch, now)
    is_known = select(_COPIES.c.story_id).where(
        _COPIES.c.story_id == _STORIES.c.id, _COPIES.c.version_id == _STORIES.c.version_id
    )
    is_text = _CHANGES.c.kind == ChangeKind.TEXT.value
    read_anew = _STORIES.c.id.in_(select(_CHANGES.c.story_id).where(is_next & is_text))
    _queue(connection, _STORIES.c.id.in_(changed) & (read_anew | ~is_known.exists()), now)
    for batch in batches(_moved(connection, select(_CHANGES.c.story_id).where(is_next & is_fact))):
        _queue(connection, _STORIES.c.id.in_(batch), now)
    go_on(connection, _FOLLOWER, rules, change_id=ids[-1])
    return True


def _moved(connection: Connection, changed: Select[tuple[int]]) -> list[int]:
    """Return of these stories those whose moment is of another era now: their neighbours look for them there."""
    found = select(_STORIES.c.id, _STORIES.c.sort_at, _COPIES.c.era).join(_COPIES, _COPIES.c.story_id == _STORIES.c.id)
    rows = connection.execute(found.where(_STORIES.c.id.in_(changed), _COPIES.c.era.is_not(None)))
    return [story_id for story_id, sort_at, era in rows if era_of(sort_at) != era]


def _queue(connection: Connection, condition: ColumnElement[bool], now: datetime) -> None:
    is_queued = select(_QUEUE.c.story_id).where(_QUEUE.c.story_id == _STORIES.c.id).exists()
    shown = select(_STORIES.c.id, literal(now, UtcDateTime())).where(condition, IS_SHOWN, ~is_queued)
    connection.execute(insert(_QUEUE).from_select(["story_id", "queued_at"], shown))


def _next(connection: Connection, rules: str, most: int, now: datetime) -> Sequence[int]:
    """Return the next stories; the log is read on where too few of them wait."""
    follow(connection, rules)
    while len(ids := _queued(connection, most)) < most and _queue_changed(connection, rules, now):
        continue
    return ids


def _queued(connection: Connection, most: int) -> Sequence[int]:
    hidden = select(_STORIES.c.id).where(_STORIES.c.id.in_(select(_QUEUE.c.story_id)), ~IS_SHOWN)
    connection.execute(delete(_QUEUE).where(_QUEUE.c.story_id.in_(hidden)))
    waiting = select(_QUEUE.c.story_id).order_by(_QUEUE.c.story_id).limit(most)
    return connection.scalars(waiting).all()

"""Write the log of changes, and say how far those that follow it have come."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, literal, select

from models.changes import ChangeKind
from models.database import Conflict, UtcDateTime, insert_rows, upsert
from models.tables import ChangeMark, ChangeRow, Story
from models.tables.keys import table_of

_CHANGES, _MARKS, _STORIES = table_of(ChangeRow), table_of(ChangeMark), table_of(Story)

Change = tuple[int, ChangeKind]  # a story, and what happened to it


def log_changes(connection: Connection, changes: Iterable[Change], now: datetime, run_id: int | None = None) -> None:
    """Log what happened to stories; a run has done it, or a person."""
    rows = (
        {"story_id": story_id, "kind": kind.value, "run_id": run_id, "changed_at": now} for story_id, kind in changes
    )
    insert_rows(connection, _CHANGES, rows)


def log_shown(
    connection: Connection,
    stories: Sequence[int] | Select[tuple[int]],
    kind: ChangeKind,
    now: datetime,
    run_id: int | None = None,
) -> None:
    """Log one thing that happened to many stories, for those among them that readers see."""
    is_meant = _STORIES.c.id.in_(stories) & _STORIES.c.relevant_at.is_not(None) & _STORIES.c.merged_into.is_(None)
    values: list[Any] = [_STORIES.c.id, literal(kind.value), literal(run_id), literal(now, UtcDateTime())]
    found = select(*values).where(is_meant).order_by(_STORIES.c.id)
    connection.execute(insert(_CHANGES).from_select(["story_id", "kind", "run_id", "changed_at"], found))


def mark_of(connection: Connection, follower: str, rules: str) -> int | None:
    """Return the last change that a follower has worked on by these rules; None where it has not begun by them."""
    mine = select(_MARKS.c.change_id).where(_MARKS.c.follower == follower, _MARKS.c.rules == rules)
    return connection.scalar(mine)


def set_mark(connection: Connection, follower: str, rules: str, change_id: int) -> None:
    """Remember the last change that a follower has worked on; in the transaction that keeps what came of it."""
    row = {"follower": follower, "rules": rules, "change_id": change_id}
    upsert(connection, _MARKS, [row], Conflict(index_elements=("follower",), update=("rules", "change_id")))

"""How far a step that follows the log of changes has come: through the log upwards, through what was there before down.

Where its rules are others than before, the log goes on where it is, and all that is kept is worked again beside it, the
newest first and as much at a time as a run may.
"""

from msgspec import Struct
from sqlalchemy import Connection, Table, func, select, update

from models.storage.database import Conflict, upsert
from models.tables.changes import ChangeMark, ChangeRow
from models.tables.keys import table_of

_CHANGES, _MARKS = table_of(ChangeRow), table_of(ChangeMark)


class Progress(Struct, frozen=True, kw_only=True):
    """How far a follower has come."""

    change_id: int  # the last change that it has worked on
    kept_before: int  # of the rows that were there when it began, those below this number wait; 0 or 1: none


def progress_of(connection: Connection, follower: str, rules: str) -> Progress | None:
    """Return how far a follower has come by these rules; None where it has not begun by them."""
    mine = select(_MARKS.c.change_id, _MARKS.c.kept_before).where(
        _MARKS.c.follower == follower, _MARKS.c.rules == rules
    )
    row = connection.execute(mine).one_or_none()
    return None if row is None else Progress(change_id=row.change_id, kept_before=row.kept_before)


def begun(connection: Connection, follower: str, rules: str, kept: Table) -> Progress:
    """Return how far a follower has come; by other rules than before it begins, with all the rows of a table."""
    if (progress := progress_of(connection, follower, rules)) is not None:
        return progress
    last, newest = (connection.scalar(select(func.max(table.c.id))) or 0 for table in (_CHANGES, kept))
    row = {"follower": follower, "rules": rules, "change_id": last, "kept_before": newest + 1}
    upsert(
        connection,
        _MARKS,
        [row],
        Conflict(index_elements=("follower",), update=("rules", "change_id", "kept_before")),
    )
    return Progress(change_id=last, kept_before=newest + 1)


def go_on(
    connection: Connection, follower: str, rules: str, *, change_id: int | None = None, kept_before: int | None = None
) -> None:
    """Remember how far a follower has come. Never back, where another run has come further; nothing by old rules."""
    mine = update(_MARKS).where(_MARKS.c.follower == follower, _MARKS.c.rules == rules)
    if change_id is not None:
        connection.execute(mine.where(_MARKS.c.change_id < change_id).values(change_id=change_id))
    if kept_before is not None:
        connection.execute(mine.where(_MARKS.c.kept_before > kept_before).values(kept_before=kept_before))

"""What changed since a cursor, as an export of changes tells it, a page at a time."""

from itertools import islice
from typing import Any, Final

from fastapi import HTTPException
from sqlalchemy import Connection

from flows.exports.changes import change_shape
from models.errors import NotFound
from models.queries.changes import after_cursor, changed_stories, cursor_at, last_change
from models.queries.filters import StoryFilter

MOST_CHANGES: Final = 500


def changes_since(connection: Connection, cursor: str, wanted: StoryFilter, limit: int) -> dict[str, Any]:
    """Return the changes behind a cursor as JSON shows them, with the cursor to go on from."""
    after, upto = _after(connection, cursor) if cursor else 0, last_change(connection)
    changed = changed_stories(connection, after, upto, wanted, at_first=limit + 1)
    found = list(islice(changed, limit + 1))
    shown, is_last = found[:limit], len(found) <= limit
    following = cursor_at(connection, max(after, upto)) if is_last else shown[-1].cursor
    return {"changes": [change_shape(one) for one in shown], "cursor": following, "is_last": is_last}


def _after(connection: Connection, cursor: str) -> int:
    try:
        return after_cursor(connection, cursor)
    except NotFound:
        raise HTTPException(
            400,
            f'The cursor "{cursor}" is not of this archive, or of a day that it no longer holds: '
            "read everything once without `cursor`, and go on from the one that the last answer gives.",
        ) from None

"""Write the log of changes: what happened to the stories that readers see."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, insert, literal, select

from models._sql.lists import is_one_of
from models.changes import ChangeKind
from models.storage.database import UtcDateTime, insert_rows
from models.tables.changes import ChangeRow
from models.tables.keys import table_of
from models.tables.stories import Story

_CHANGES, _STORIES = table_of(ChangeRow), table_of(Story)

Change = tuple[int, ChangeKind]  # a story, and what happened to it

# What readers see, and what the log therefore tells of.
IS_SHOWN: Final = (
    _STORIES.c.relevant_at.is_not(None) & _STORIES.c.withdrawn_at.is_(None) & _STORIES.c.merged_into.is_(None)
)
_SHOWN_AMONG: Final = select(_STORIES.c.id).where(is_one_of(_STORIES.c.id, "ids"), IS_SHOWN)
_TOLD_AMONG: Final = select(_CHANGES.c.story_id).where(is_one_of(_CHANGES.c.story_id, "ids")).distinct()


def shown_among(connection: Connection, story_ids: Iterable[int]) -> frozenset[int]:
    """Return which of these stories readers see now; log_changes asks for it as it was before anything was written."""
    return _among(connection, _SHOWN_AMONG, story_ids)


def told_among(connection: Connection, story_ids: Iterable[int]) -> frozenset[int]:
    """Return of which of these stories the log tells anything: whoever follows it may hold them."""
    return _among(connection, _TOLD_AMONG, story_ids)


def log_changes(
    connection: Connection,
    changes: Iterable[Change],
    before: AbstractSet[int],
    now: datetime,
    run_id: int | None = None,
) -> None:
    """Log what happened to stories, once it is written; a run has done it, or a person.

    `before` are those that readers saw before. What they see only now came in, whatever else happened to it; of what
    they see neither before nor now nothing is said.
    """
    told = list(changes)
    after = shown_among(connection, (story_id for story_id, _ in told))
    rows = (
        {
            "story_id": story_id,
            "kind": (kind if story_id in before else ChangeKind.ADMITTED).value,
            "run_id": run_id,
            "changed_at": now,
        }
        for story_id, kind in told
        if story_id in before or story_id in after
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
    values: list[Any] = [_STORIES.c.id, literal(kind.value), literal(run_id), literal(now, UtcDateTime())]
    found = select(*values).where(_STORIES.c.id.in_(stories), IS_SHOWN).order_by(_STORIES.c.id)
    connection.execute(insert(_CHANGES).from_select(["story_id", "kind", "run_id", "changed_at"], found))


def _among(connection: Connection, query: Select[tuple[int]], story_ids: Iterable[int]) -> frozenset[int]:
    ids = sorted(set(story_ids))
    return frozenset(connection.scalars(query, {"ids": ids})) if ids else frozenset()

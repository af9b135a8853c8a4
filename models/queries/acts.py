"""What people did by hand, read from the ledger."""

from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Select, select

from models.tables.acts import ActRow
from models.tables.stories import Story


class ActRecord(Struct, frozen=True, kw_only=True):
    """Something that a person did."""

    id: int
    done_at: datetime
    name: str
    via: str
    kind: str
    story_id: int | None
    story_uid: str | None
    run_id: int | None
    detail: str


def list_acts(connection: Connection, limit: int, before: int | None = None) -> list[ActRecord]:
    """Return the latest acts, the newest first; with a number, those before that act."""
    query = _ACTS.order_by(ActRow.id.desc()).limit(limit)
    return _read(connection, query if before is None else query.where(ActRow.id < before))


def acts_on(connection: Connection, story_id: int) -> list[ActRecord]:
    """Return what people did to a story, the newest first."""
    return _read(connection, _ACTS.where(ActRow.story_id == story_id).order_by(ActRow.id.desc()))


_COLUMNS = [getattr(ActRow, name) for name in ActRecord.__struct_fields__ if name != "story_uid"]
_ACTS = select(*_COLUMNS, Story.uid.label("story_uid")).join(Story, Story.id == ActRow.story_id, isouter=True)


def _read(connection: Connection, query: Select[Any]) -> list[ActRecord]:
    return [ActRecord(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001 (SQLAlchemy's public name)

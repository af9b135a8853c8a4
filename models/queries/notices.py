"""Whom nights told of what, or tried to."""

from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Select, func, select

from models.tables.watches import Notice


class NoticeRecord(Struct, frozen=True, kw_only=True):
    """A try to tell somebody."""

    run_id: int
    watch: str | None  # None: the morning brief
    recipient: str
    stories: int
    tried_at: datetime
    refusal: str | None  # None: it was taken


def notices_of_run(connection: Connection, run_id: int) -> list[NoticeRecord]:
    """Return whom a run told, or tried to."""
    return _notices(connection, select(Notice).where(Notice.run_id == run_id))


def last_notices(connection: Connection) -> list[NoticeRecord]:
    """Return the last try for each of those who are told of something."""
    last = select(func.max(Notice.id)).where(Notice.tried_at.is_not(None)).group_by(Notice.watch, Notice.recipient)
    return _notices(connection, select(Notice).where(Notice.id.in_(last)))


def _notices(connection: Connection, query: Select[Any]) -> list[NoticeRecord]:
    columns = (Notice.run_id, Notice.watch, Notice.recipient, Notice.stories, Notice.tried_at, Notice.refusal)
    tried = query.with_only_columns(*columns).where(Notice.tried_at.is_not(None)).order_by(Notice.id)
    return [NoticeRecord(**row._mapping) for row in connection.execute(tried)]  # noqa: SLF001 (SQLAlchemy's public name)

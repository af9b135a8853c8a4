"""Write what met a saved search, and who was told of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Connection, func, insert, select

from models.storage.database import Conflict, insert_rows, upsert
from models.tables.keys import table_of
from models.tables.watches import Notice, WatchMatch, WatchRow
from models.watches import Watch

_WATCHES, _MATCHES, _NOTICES = table_of(WatchRow), table_of(WatchMatch), table_of(Notice)
MOST_REFUSAL: Final = 500  # characters of a reason that another server gave


class Met(Struct, frozen=True, kw_only=True):
    """A story that meets a saved search, and did not when that was looked at before."""

    story_id: int
    matched_at: datetime
    is_known: bool  # it is no news: it was there before the watch was


class Sent(Struct, frozen=True, kw_only=True):
    """A try to tell somebody."""

    run_id: int
    watch: str | None  # None: the morning brief
    recipient: str
    told_upto: int  # the last match that was told by now
    stories: int
    tried_at: datetime
    refusal: str | None


def news_since(connection: Connection, watch: Watch, now: datetime, night_began_at: datetime) -> datetime:
    """Return the moment since which what is admitted is news to a watch, and keep that it is looked at now.

    A new one begins with the night that is told of; one whose rules have changed, where it was looked at last; of any
    other all is news that has not met it before.
    """
    mine = select(_WATCHES).where(_WATCHES.c.name == watch.name)
    before = connection.execute(mine).one_or_none()
    is_same = before is not None and before.rules == watch.rules
    began_at = before.began_at if is_same and before is not None else now
    row = {"name": watch.name, "rules": watch.rules, "began_at": began_at, "looked_at": now}
    changed = Conflict(index_elements=("name",), update=("rules", "began_at", "looked_at"))
    upsert(connection, _WATCHES, [row], changed)
    if is_same:
        return datetime.min.replace(tzinfo=now.tzinfo)
    return night_began_at if before is None else before.looked_at


def begin_to_tell(connection: Connection, watch: Watch, recipients: Iterable[str], run_id: int) -> None:
    """Keep for those who are told of a watch for the first time that all before this is no news to them."""
    known = set(connection.scalars(select(_NOTICES.c.recipient).where(_NOTICES.c.watch == watch.name)))
    upto = connection.scalar(select(func.max(_MATCHES.c.id)).where(_MATCHES.c.watch == watch.name)) or 0
    begun = {"run_id": run_id, "watch": watch.name, "told_upto": upto, "stories": 0, "tried_at": None, "refusal": None}
    insert_rows(connection, _NOTICES, [begun | {"recipient": one} for one in recipients if one not in known])


def keep_matches(connection: Connection, watch: Watch, met: Sequence[Met]) -> None:
    """Keep what met a watch, in this order."""
    insert_rows(connection, _MATCHES, [asdict(one) | {"watch": watch.name} for one in met])


def keep_sent(connection: Connection, sent: Sent) -> None:
    """Keep that somebody was told, or why not."""
    row = asdict(sent) | {"refusal": sent.refusal and sent.refusal[:MOST_REFUSAL]}
    connection.execute(insert(_NOTICES).values(row))

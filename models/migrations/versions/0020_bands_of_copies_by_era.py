"""Keep the marks by which copies are found by eras of two months, in half the bytes.

Revision: 0020, after 0019.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from alembic import op

from models.archive.texts.copy_bands import add_bands, bands_in, era_of
from models.storage.database import BigKey, UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_AT_ONCE: Final = 5_000  # stories
_COPIES = sa.table("story_copies", *(sa.column(name) for name in ("story_id", "bands", "era")))
_STORIES = sa.table("stories", sa.column("id"), sa.column("sort_at", UtcDateTime()))


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    op.add_column("story_copies", sa.Column("era", BigKey, nullable=True))
    op.drop_table("copy_bands")
    op.create_table(
        "copy_bands",
        sa.Column("band", BigKey, nullable=False, autoincrement=False),
        sa.Column("story_id", BigKey, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("band", "story_id", name=op.f("pk_copy_bands")),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    change = sa.update(_COPIES).where(_COPIES.c.story_id == sa.bindparam("story"))
    change = change.values(era=sa.bindparam("its_era"), bands=sa.bindparam("its_bands"))
    for rows in _batches(connection):
        kept = [(story_id, era_of(sort_at), _halved(bands)) for story_id, sort_at, bands in rows]
        connection.execute(change, [{"story": story, "its_era": era, "its_bands": own} for story, era, own in kept])
        add_bands(connection, ((band, story) for story, era, own in kept for band in bands_in((era,), own)))


def _batches(connection: sa.Connection) -> Iterator[Sequence[tuple[int, datetime, bytes]]]:
    last = 0
    query = sa.select(_COPIES.c.story_id, _STORIES.c.sort_at, _COPIES.c.bands)
    query = query.join(_STORIES, _STORIES.c.id == _COPIES.c.story_id).where(sa.func.length(_COPIES.c.bands) > 0)
    query = query.where(_COPIES.c.story_id > sa.bindparam("last")).order_by(_COPIES.c.story_id).limit(_AT_ONCE)
    while rows := connection.execute(query, {"last": last}).tuples().all():
        yield rows
        last = rows[-1][0]


def _halved(bands: bytes) -> bytes:
    """Return of bands of eight bytes the latter four."""
    return b"".join(bands[at : at + 4] for at in range(4, len(bands), 8))

"""Keep the words of a story once.

What says them again is packed by means of its text, and the index on SQLite keeps places alone.

Revision: 0019, after 0017.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
import zstandard
from alembic import op

from models.archive.texts.search_queue import rows_shown
from models.search.factory import search_index
from models.storage.database import BATCH_ROWS
from models.storage.packing import TextPacker

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

_NAMES = ("id", "text", "html", "raw_entry", "packed")
_VERSIONS = sa.table("story_versions", *(sa.column(name) for name in _NAMES))


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    _pack_texts()
    if op.get_bind().dialect.name == "sqlite":
        _index_anew(op.get_bind())


def _pack_texts() -> None:
    op.add_column("story_versions", sa.Column("packed", sa.LargeBinary(), server_default="", nullable=False))
    connection = op.get_bind()
    pack = sa.update(_VERSIONS).where(_VERSIONS.c.id == sa.bindparam("version"))
    pack = pack.values(packed=sa.bindparam("beside"), raw_entry=sa.bindparam("entry"))
    for rows in _batches(connection):
        connection.execute(pack, rows)
    # Not by Alembic's batches: they would make the table anew, its constraints in an order that no two runs share.
    op.execute("ALTER TABLE story_versions DROP COLUMN html")
    op.execute("ALTER TABLE story_versions RENAME COLUMN packed TO html")


def _index_anew(connection: sa.Connection) -> None:
    index = search_index(connection)
    is_used = connection.execute(sa.text("SELECT 1 FROM story_search LIMIT 1")).first() is not None
    index.drop(connection)
    index.create(connection)
    if is_used:  # a backup has none: whoever restores it indexes its stories
        index.index(connection, rows_shown(connection))
        connection.execute(sa.text("DELETE FROM search_queue"))


def _batches(connection: sa.Connection) -> Iterator[list[dict[str, Any]]]:
    last = 0
    columns = [_VERSIONS.c[name] for name in ("id", "text", "html", "raw_entry")]
    query = sa.select(*columns).where(_VERSIONS.c.id > sa.bindparam("last")).order_by(_VERSIONS.c.id).limit(BATCH_ROWS)
    while rows := connection.execute(query, {"last": last}).all():
        yield [_packed(*row) for row in rows]
        last = rows[-1].id


def _packed(version: int, text: str, html: str, raw_entry: bytes | None) -> dict[str, Any]:
    packer = TextPacker(text)
    [packed] = packer.pack((html or "").encode())
    return {"version": version, "beside": packed, "entry": _packed_anew(packer, raw_entry)}


def _packed_anew(packer: TextPacker, raw_entry: bytes | None) -> bytes | None:
    """Pack an entry by means of the text; one that is damaged stays as it is, and whoever asks for it is told."""
    if raw_entry is None:
        return None
    try:
        [packed] = packer.pack(zstandard.decompress(raw_entry))
    except zstandard.ZstdError:
        return raw_entry
    return packed

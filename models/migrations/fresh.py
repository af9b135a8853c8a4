"""The tables of a new archive, made at once and without Alembic: its first night begins a quarter of a second earlier.

A test proves them equal to what the migrations make, step by step.
"""

from typing import Final

from sqlalchemy import Column, Connection, Engine, MetaData, PrimaryKeyConstraint, String, Table

from models.search.factory import search_index
from models.storage.database import write_transaction
from models.storage.revision import code_revision, is_empty
from models.tables.schema import METADATA

# As Alembic makes it.
_VERSION: Final = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def made_new(engine: Engine) -> bool:
    """Give an empty database its tables; return False where it holds any. The caller holds the archive's lock."""
    with write_transaction(engine) as connection:
        if not is_empty(connection):
            return False
        _make_tables(connection)
    return True


def _make_tables(connection: Connection) -> None:
    from models.tables.indexes import INDEXES  # PostgreSQL's dialect, which no other part of a night on SQLite needs

    assert INDEXES  # loaded, they belong to their tables
    METADATA.create_all(connection)
    search_index(connection).create(connection)
    _VERSION.create(connection)
    connection.execute(_VERSION.insert(), {"version_num": code_revision()})

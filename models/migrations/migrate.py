"""Bring a database to the tables that this code knows. SQLite is copied first; all steps are one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.autogenerate.api import AutogenContext
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import BigInteger, Connection, Engine, event

from models.errors import StorageError
from models.search.interface import TABLE_PREFIX
from models.storage.database import (
    SQLITE_BEGIN,
    Json,
    UtcDateTime,
    create_database_engine,
    read_transaction,
    write_transaction,
)
from models.storage.database_errors import storage_errors
from models.storage.revision import current_revision as current_revision
from models.storage.revision import is_current as is_current
from models.tables.indexes import INDEXES
from models.tables.schema import METADATA

_SCRIPTS: Final = Path(__file__).parent


def upgrade(engine: Engine) -> Path | None:
    """Bring the database to the head revision; does nothing where it is there. The caller holds the archive's lock.

    Return the copy that was made beside an SQLite database which held anything. Raise DatabaseNewerThanCode where the
    database is ahead of this code, StorageError where it cannot be read or written.
    """
    if is_current(engine):
        return None
    copy = _copy_before(engine)
    with _migrating(engine) as connection:
        command.upgrade(config_for(connection), "head")
    return copy


def head_revision() -> str | None:
    """Return the last revision that this code knows."""
    return _scripts().get_current_head()


def differences(engine: Engine) -> list[Any]:
    """List what the database lacks or has beyond models.tables, in Alembic's words; empty after an upgrade."""
    assert INDEXES  # loaded, they belong to their tables
    with read_transaction(engine) as connection:
        context = MigrationContext.configure(connection, opts=context_options())
        return list(compare_metadata(context, METADATA))


def config_for(connection: Connection) -> Config:
    """Make Alembic's configuration for an open transaction."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def context_options() -> dict[str, Any]:
    """Say how Alembic compares and writes, for migrations/env.py and for the comparison alike."""
    return {
        "include_name": _is_compared,
        "render_item": _render,
        "render_as_batch": True,  # SQLite's ALTER knows little: Alembic rebuilds the table there
    }


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(_SCRIPTS))


def _is_compared(name: str | None, kind: str, _parents: object) -> bool:
    """Leave the search index's tables to models.search: their types are each database's own."""
    return not (kind == "table" and name is not None and name.startswith(TABLE_PREFIX))


def _render(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """Write the types that differ between the databases in a new script, each by the shortest name."""
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen.imports.add("from models.storage.database import UtcDateTime")
        return "UtcDateTime()"
    if kind == "type" and isinstance(item, BigInteger):
        autogen.imports.add("from models.storage.database import BigKey")
        return "BigKey"
    if kind == "type" and isinstance(item, Json):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def _copy_before(engine: Engine) -> Path | None:
    """Copy an SQLite database that holds anything, whole or not at all, over the copy of an earlier attempt."""
    revision = current_revision(engine)
    if engine.dialect.name != "sqlite" or revision is None or engine.url.database is None:
        return None
    copy = Path(f"{engine.url.database}.before-{head_revision()}")
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        with storage_errors(engine), engine.execution_options(**{SQLITE_BEGIN: ""}).connect() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(unfinished),))
        unfinished.replace(copy)
    finally:  # a copy that found the disk full
        unfinished.unlink(missing_ok=True)
    return copy


@contextmanager
def _migrating(engine: Engine) -> Iterator[Connection]:
    """Open the one transaction of an upgrade."""
    if engine.dialect.name != "sqlite":
        with write_transaction(engine) as connection:
            yield connection
        return
    own = create_database_engine(engine.url.render_as_string(hide_password=False))
    # Rebuilding a table drops it, and with enforced keys its ON DELETE rules would empty the tables that point to it.
    event.listen(own, "connect", lambda dbapi, _record: dbapi.execute("PRAGMA foreign_keys=OFF"))
    try:
        with write_transaction(own) as connection:
            yield connection
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if broken is not None:
                raise StorageError(
                    f"The migration would break a reference of {broken[0]} to {broken[2]}: nothing was done"
                )
    finally:
        own.dispose()

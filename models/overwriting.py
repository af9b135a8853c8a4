"""Overwrite what deleted rows leave: index entries, free pages, journals. No file contains their words afterwards."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine

from models.errors import StorageError
from models.search.factory import search_index
from models.search.interface import TABLE_PREFIX, SearchRow
from models.storage.database import SQLITE_BEGIN, write_transaction
from models.storage.database_errors import database_name, storage_errors
from models.storage.database_files import temporary_files_beside

# The tables that hold words of stories.
_WITH_WORDS: Final = (
    "stories",
    "story_versions",
    "sightings",
    "classifications",
    "story_topics",
    "quarantine",
    TABLE_PREFIX,
)


def overwrite_deleted(engine: Engine, rows_shown: Callable[[Connection], Iterable[SearchRow]]) -> None:
    """Write the database anew without what was deleted, in its place, and an index of the rows that are shown.

    It takes as long as copying the database, needs room for it once more, and other writers wait meanwhile. Raise
    StorageError where that cannot be; nothing is lost then, and the same again goes on.
    """
    with write_transaction(engine) as connection:
        search_index(connection).forget(connection, rows_shown(connection))
    if engine.dialect.name == "sqlite":
        _rewrite_file(engine)
    else:
        _rewrite_tables(engine)


def _rewrite_file(engine: Engine) -> None:
    with storage_errors(engine), engine.execution_options(**{SQLITE_BEGIN: ""}).connect() as connection:
        connection.exec_driver_sql("PRAGMA temp_store=FILE")  # a copy of the whole database has no room in memory
        if engine.url.database:
            connection.exec_driver_sql(temporary_files_beside(Path(engine.url.database)))
        try:
            connection.exec_driver_sql("VACUUM")
            _empty_journal(connection, engine)
        finally:
            connection.exec_driver_sql("PRAGMA temp_store=MEMORY")


def _empty_journal(connection: Connection, engine: Engine) -> None:
    is_busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
    if is_busy:
        raise StorageError(f"{database_name(engine.url)} is being read by another process")


def _rewrite_tables(engine: Engine) -> None:
    with storage_errors(engine), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("SET lock_timeout = '60s'")
        try:
            for name in _WITH_WORDS:
                connection.exec_driver_sql(f"VACUUM (FULL) {name}")
        finally:
            connection.exec_driver_sql("RESET lock_timeout")

"""The flow that gives up what nothing needs any more, in the archive and in Prefect's own history."""

import asyncio
import logging
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from prefect import State, flow
from prefect.states import Completed, Failed

from config.settings import load_settings
from flows.upkeep.prune import prune as prune_archive
from flows.workers.parent import exit_with_parent
from models.errors import ArchiveError
from models.storage.database_files import temporary_files_beside

log = logging.getLogger(__name__)

LOCK_TIMEOUT_S: Final = 30.0  # for the server to let go of its file


NAME: Final = "prune"


@flow(name=NAME, flow_run_name=NAME, persist_result=False)
async def prune() -> State[Any]:
    """Delete old requests that no version cites, documents that nothing names, left-over files, and old flow runs."""
    exit_with_parent()
    settings = load_settings()
    try:
        done = await asyncio.to_thread(prune_archive, settings, datetime.now(UTC))
    except ArchiveError as error:
        return Failed(message=str(error))
    freed = await prune_history(settings.home / "prefect" / "prefect.db")
    parts = f"{done.fetches} requests, {done.documents} documents, {done.temp_files} files, {done.freed_bytes} bytes"
    return Completed(message=f"given up: {parts}; Prefect's history is {freed} bytes smaller")


async def prune_history(database: Path) -> int:
    """Delete what is too old in Prefect's own SQLite file, by Prefect's settings; return by how many bytes it shrank.

    Where Prefect keeps its history elsewhere, its server looks after it, and nothing is done.
    """
    before = _size_bytes(database)
    if not before:
        return 0
    await _delete_old()
    await asyncio.to_thread(_shrink, database)
    return max(0, before - _size_bytes(database))


async def rehearse_history(database: Path, copy: Path) -> int:
    """Return by how many bytes prune_history would shrink the file; Prefect's settings name the copy as its own."""
    before = _size_bytes(database)
    await asyncio.to_thread(_copy, database, copy)
    await prune_history(copy)
    return max(0, before - _size_bytes(copy))


def _copy(database: Path, copy: Path) -> None:
    with closing(sqlite3.connect(database, timeout=LOCK_TIMEOUT_S)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


async def _delete_old() -> None:
    """Do what Prefect's server does each hour and day; the temporary one of a `run` ends before it begins."""
    from prefect.server.database import provide_database_interface  # the server costs seconds to import
    from prefect.server.services import db_vacuum

    interface = provide_database_interface()
    await db_vacuum.vacuum_old_flow_runs(db=interface)
    await db_vacuum.vacuum_events_with_retention_overrides(db=interface)
    await db_vacuum.vacuum_old_events(db=interface)
    await db_vacuum.vacuum_orphaned_logs(db=interface)
    await db_vacuum.vacuum_orphaned_artifacts(db=interface)
    await db_vacuum.vacuum_stale_artifact_collections(db=interface)


def _size_bytes(database: Path) -> int:
    """Return what the file takes, with what SQLite has not moved into it yet; 0 where there is none."""
    files = (database, database.with_name(f"{database.name}-wal"))
    return sum(file.stat().st_size for file in files if file.is_file())


def _shrink(database: Path) -> None:
    """Give what was deleted back to the disk; SQLite itself would keep the room for later rows."""
    try:
        with closing(sqlite3.connect(database, timeout=LOCK_TIMEOUT_S)) as connection:
            connection.execute(temporary_files_beside(database))
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:  # the server is writing all the time, or the disk is full
        log.warning("Prefect's history could not be made smaller: %s", error)

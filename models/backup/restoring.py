"""Make an archive from a backup: in an empty place only, with every digest compared on the way.

Documents come first and the rows in one transaction after them, so that what is cut off is still an empty place, into
which the same command may be given again.
"""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, Engine, column, func, insert, inspect, literal, or_, select, table

from models.archive.texts.search_queue import index_batch
from models.backup.copying import Show, copy_tables, count_rows
from models.backup.database_copy import copy_file, disk_errors, read_only, remove_database
from models.backup.manifest import NAME, Manifest, read_manifest
from models.backup.taking import Archive, backup_store, named_documents
from models.errors import NotFound, StorageError
from models.migrations.migrate import current_revision, upgrade
from models.storage.database import UtcDateTime, create_database_engine, read_transaction, write_transaction
from models.storage.database_errors import database_name
from models.storage.raw_store import RawStore
from models.storage.sqlite_address import sqlite_address
from models.tables.keys import table_of
from models.tables.queues import SearchQueue
from models.tables.schema import METADATA
from models.tables.stories import Story

_INDEX: Final = "story_search"  # made by the migrations, and made anew by a restore


class Restored(Struct, frozen=True, kw_only=True):
    """What an archive was made from, and what it holds now."""

    manifest: Manifest
    tables: dict[str, int]  # rows
    documents: int


def restore_backup(folder: Path, archive: Archive, temp_folder: Path, now: datetime, show: Show) -> Restored:
    """Make an archive of a backup. The caller holds the archive's lock alone.

    Raise StorageError where the place is not empty, or where the backup is not whole; nothing was restored then.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        raise StorageError(f"{folder} holds no backup: it has no {NAME}.")
    _check_is_empty(archive.engine)
    with _checked_copy(folder, manifest, temp_folder) as copy:
        documents = _copy_documents(folder, manifest, copy, archive, show)
        upgrade(archive.engine)
        with read_only(copy) as source, write_transaction(archive.engine) as target:
            _copy_rows(source, target, show)
            tables = _compared(count_rows(source), count_rows(target))
            _queue_all(target, now)
            while index_batch(target):  # in the same transaction: rows without an index could not be restored again
                continue
    return Restored(manifest=manifest, tables=tables, documents=documents)


def _copy_rows(source: Connection, target: Connection, show: Show) -> None:
    try:
        copy_tables(source, target, show)
    except (TypeError, ValueError) as error:  # a moment or a list that is none
        raise StorageError(f"The backup is damaged: a value in its database cannot be read: {error}.") from error


def _check_is_empty(engine: Engine) -> None:
    if current_revision(engine) is None:
        with read_transaction(engine) as connection:
            taken = set(inspect(connection).get_table_names()) & METADATA.tables.keys()
    else:
        with read_transaction(engine) as connection:
            taken = {name for name, count in count_rows(connection).items() if count}
    if taken:
        raise StorageError(
            f"{database_name(engine.url)} is not empty: a backup is restored into a new place only. Set "
            "CLIMATE_ARCHIVE_HOME to an empty folder, or CLIMATE_ARCHIVE_DATABASE_URL to an empty database."
        )


@contextmanager
def _checked_copy(folder: Path, manifest: Manifest, temp_folder: Path) -> Iterator[Path]:
    """Give a copy of the backup's database, compared with the manifest and brought to today's tables."""
    original, copy = folder / manifest.database.file, temp_folder / "restoring.sqlite"
    temp_folder.mkdir(parents=True, exist_ok=True)
    try:
        if not _has_size(original, manifest.database.size_bytes) or (
            copy_file(original, copy) != manifest.database.sha256
        ):
            raise StorageError(f"The backup is damaged: {original} is not the file that the manifest names.")
        with read_only(copy) as connection:
            _check_is_ours(connection, original)
            _check_counts(connection, manifest)
        _bring_up_to_date(copy)
        yield copy
    finally:
        remove_database(copy)


def _has_size(path: Path, size_bytes: int) -> bool:
    """Tell whether a path is a file of this size; a device or a pipe, which may never end, is not opened."""
    with disk_errors(path):
        found = path.stat()
    return stat.S_ISREG(found.st_mode) and found.st_size == size_bytes


def _check_is_ours(connection: Connection, original: Path) -> None:
    """Refuse a database that would do something by itself when it is migrated and read: no backup of ours does."""
    schema = table("sqlite_master", column("type"), column("name"), column("sql"))
    is_virtual = schema.c.sql.ilike("create virtual%") & (schema.c.name != _INDEX)
    acting = select(schema.c.type, schema.c.name).where(or_(schema.c.type.in_(("trigger", "view")), is_virtual))
    if found := connection.execute(acting).first():
        raise StorageError(f"{original} is no backup of this program: it holds the {found.type} {found.name!r}.")


def _check_counts(connection: Connection, manifest: Manifest) -> None:
    there = inspect(connection).get_table_names()
    for name, count in manifest.tables.items():
        found = connection.scalar(select(func.count()).select_from(table(name))) if name in there else 0
        if found != count:
            raise StorageError(f"The backup is damaged: {NAME} tells of {count} rows of {name}, there are {found}.")


def _bring_up_to_date(copy: Path) -> None:
    engine = create_database_engine(sqlite_address(copy))
    try:
        if kept := upgrade(engine):
            remove_database(kept)
    finally:
        engine.dispose()


def _copy_documents(folder: Path, manifest: Manifest, copy: Path, archive: Archive, show: Show) -> int:
    """Copy the documents that the rows name, and return how many; those of an attempt that was cut off may be there."""
    with read_only(copy) as connection:
        named = frozenset(named_documents(connection))
    if foreign := next((digest for digest in archive.raw.digests() if digest not in named), None):
        raise StorageError(f"The raw store is not empty: it holds {foreign}, which is no document of the backup.")
    wanted = sorted(named - set(manifest.documents.missing))
    if len(wanted) != manifest.documents.count:
        told = manifest.documents.count
        raise StorageError(f"The backup is damaged: {NAME} tells of {told} documents, its rows name {len(wanted)}.")
    for digest in show(wanted, len(wanted), "Copying documents"):
        _copy_document(backup_store(folder), digest, archive.raw)
    return len(wanted)


def _copy_document(store: RawStore, digest: str, raw: RawStore) -> None:
    if raw.verify(digest) is None:
        return
    raw.delete(digest)
    try:
        raw.take(store, digest)
    except NotFound as error:  # of the backup, not of the archive that was asked for
        raise StorageError(f"The backup is damaged: {error}") from error


def _compared(expected: dict[str, int], found: dict[str, int]) -> dict[str, int]:
    """Return what was found, which is what was expected, or the transaction fails."""
    for name, count in expected.items():
        if found[name] != count:
            raise StorageError(f"Of {count} rows of {name}, {found[name]} were restored: nothing was kept.")
    return found


def _queue_all(connection: Connection, now: datetime) -> None:
    queue, stories = table_of(SearchQueue), table_of(Story)
    is_queued = select(queue.c.story_id).where(queue.c.story_id == stories.c.id).exists()
    rest = select(stories.c.id, literal(now, UtcDateTime())).where(~is_queued)
    connection.execute(insert(queue).from_select(["story_id", "queued_at"], rest))

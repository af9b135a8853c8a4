"""The database of a backup: always one SQLite file without a search index, whichever database the archive has."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, create_engine, event

from models.backup.copying import Show, copy_tables
from models.errors import DiskFailed
from models.migrations.migrate import upgrade
from models.storage.database import SQLITE_BEGIN, create_database_engine, read_transaction, write_transaction
from models.storage.database_errors import storage_errors
from models.storage.sqlite_address import sqlite_address

_CHUNK_BYTES: Final = 1_048_576
_BESIDE: Final = ("", "-wal", "-shm", "-journal")  # files that SQLite has beside a database


@contextmanager
def read_only(path: Path) -> Iterator[Connection]:
    """Open a finished copy for reading, so that not a byte of it changes. Raise StorageError."""
    engine = create_engine(f"sqlite:///{path.absolute().as_uri()}?mode=ro&immutable=1&uri=true")
    try:
        with read_transaction(engine) as connection:
            yield connection
    finally:
        engine.dispose()


def write_database(source: Connection, path: Path, show: Show) -> None:
    """Write all rows that a connection sees into a new file, durable when this returns. Raise StorageError."""
    address = sqlite_address(path)
    remove_database(path)
    engine = create_database_engine(address)
    # It becomes durable as a whole, when it is finished.
    event.listen(engine, "connect", lambda dbapi, _record: dbapi.execute("PRAGMA synchronous=OFF"))
    try:
        upgrade(engine)
        with write_transaction(engine) as target:
            copy_tables(source, target, show)
        # One file that nothing stands beside, and that no reader changes.
        with storage_errors(engine), engine.execution_options(**{SQLITE_BEGIN: ""}).connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
    finally:
        engine.dispose()
    with disk_errors(path), path.open("rb+") as file:
        os.fsync(file.fileno())


def remove_database(path: Path) -> None:
    """Remove a database file and what SQLite left beside it."""
    for ending in _BESIDE:
        path.with_name(path.name + ending).unlink(missing_ok=True)


def copy_file(source: Path, target: Path) -> str:
    """Copy a file and return the sha256 of what was copied. Raise DiskFailed."""
    with disk_errors(target), source.open("rb") as read, target.open("wb") as written:
        digest = hashlib.sha256()
        while chunk := read.read(_CHUNK_BYTES):
            digest.update(chunk)
            written.write(chunk)
    return digest.hexdigest()


def digest_of(path: Path) -> str:
    """Return the sha256 of a file."""
    with disk_errors(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Raise what the disk refuses as DiskFailed, naming a file."""
    try:
        yield
    except OSError as error:
        raise DiskFailed(f"{error.filename or path} cannot be used: {error.strerror or error}.") from error

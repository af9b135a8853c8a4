"""The files of an SQLite database: where SQLite keeps its temporary ones, and an archive that one may only read.

That is a colleague's folder, a read-only disk, another user's nights.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, Engine

from models.errors import StorageError
from models.storage import rights
from models.storage.database import create_sqlite_reader
from models.storage.database_errors import database_name


def may_write(url: URL) -> bool:
    """Tell whether this process may write a file and beside it, where SQLite keeps what is not in the file yet."""
    path = Path(url.database or "")
    return all(rights.may_write(one) for one in (path, path.absolute().parent) if one.exists())


def temporary_files_beside(database: Path) -> str:
    """Return the statement by which SQLite keeps its temporary files in a database's folder, in all of this process.

    By default they are in /var/tmp or /tmp, which may be small or closed: a copy of a large database has no room there.
    """
    folder = str(database.absolute().parent).replace("'", "''")
    return f"PRAGMA temp_store_directory='{folder}'"  # a pragma takes no bound parameters


def create_reading_engine(url: URL) -> Engine:
    """Make the engine for a file that may only be read, also while somebody else writes it.

    Raise StorageError where what was written last stands beside the file and cannot be read with it.
    """
    path = Path(url.database or "").absolute()
    shared = f"{path.as_uri()}?mode=ro"
    if _answers(shared):
        return create_sqlite_reader(url, shared)
    beside = path.with_name(f"{path.name}-wal")
    if beside.exists() and beside.stat().st_size:
        raise StorageError(
            f"{database_name(url)} cannot be read here: its last changes stand in {beside.name}, which takes the right "
            "to write in that folder. Copy both files to a folder of your own."
        )
    # Nobody is writing it: the files beside it, which SQLite cannot make here, are not needed.
    return create_sqlite_reader(url, f"{shared}&immutable=1")


def _answers(uri: str) -> bool:
    """Tell whether SQLite can read a file by what stands beside it."""
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        return True  # what it is not will be said by whoever reads it
    return True

"""The two locks of an archive, kept by the kernel (SQLite) or by PostgreSQL: both end with their holder.

*night*: exclusive, for run, rerun, reprocess, reclassify. *archive*: shared by everything that writes, exclusive for
restore and migrations.
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from models.errors import DiskFailed, LockHeld
from models.storage.database import read_transaction
from models.storage.database_errors import storage_errors

_PROCESS: Final = re.compile(r"process (\d{1,9}), ")
_MAX_WRITTEN: Final = 2000  # characters of a lock's file

# Advisory lock numbers within one database; they only have to differ from each other and from the writer's.
_NUMBERS: Final = {"night": 0x6E69676874, "archive": 0x61726368}
_HOLDER: Final = text(
    "SELECT a.pid, a.client_addr, a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
    "WHERE l.locktype = 'advisory' AND l.granted AND ((l.classid::bigint << 32) | l.objid::bigint) = :number "
    "AND a.datname = current_database() LIMIT 1"
)


@contextmanager
def run_lock(engine: Engine, purpose: str) -> Iterator[None]:
    """Hold the archive as its one nightly worker, for a purpose such as "run 12". Raise LockHeld, naming the holder."""
    with _held(engine, "night", purpose, exclusive=True):
        yield


@contextmanager
def archive_lock(engine: Engine, purpose: str, *, exclusive: bool = False) -> Iterator[None]:
    """Hold the archive as one of its writers, or alone. Raise LockHeld, naming the holder."""
    with _held(engine, "archive", purpose, exclusive=exclusive):
        yield


def run_lock_is_held(connection: Connection) -> bool:
    """Tell whether somebody is this archive's nightly worker at this moment. On PostgreSQL alone."""
    return connection.execute(_HOLDER, {"number": _NUMBERS["night"]}).first() is not None


@contextmanager
def _held(engine: Engine, name: str, purpose: str, *, exclusive: bool) -> Iterator[None]:
    if engine.dialect.name == "sqlite":
        assert engine.url.database is not None  # an archive is a file
        with file_lock(Path(f"{engine.url.database}.{name}"), purpose, exclusive=exclusive):
            yield
    else:
        with _session_lock(engine, name, exclusive=exclusive):
            yield


@contextmanager
def file_lock(path: Path, purpose: str, *, exclusive: bool) -> Iterator[None]:
    """Hold a file, which is made, shared or alone. Raise LockHeld, naming the holder."""
    with _opened(path) as file:  # not inherited: worker processes cannot keep it alive
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockHeld(f"Another process works on this archive: {_written(file)}.") from None
        others = [] if exclusive else _living(file)
        _write(file, [*others, f"process {os.getpid()}, {purpose}"])
        yield


def _opened(path: Path) -> IO[str]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a+", encoding="utf-8")
    except OSError as error:
        raise DiskFailed(f"{path} cannot be written, so that nothing can be changed here: {error.strerror}.") from error


def _write(file: IO[str], holders: list[str]) -> None:
    file.truncate(0)
    file.write("".join(f"{holder}\n" for holder in holders))
    file.flush()


def _written(file: IO[str]) -> str:
    return "; ".join(_living(file)) or "its name is not known"


def _living(file: IO[str]) -> list[str]:
    """Return what is written in a lock's file of processes that live; one that ended did not strike itself out."""
    file.seek(0)
    lines = file.read(_MAX_WRITTEN).splitlines()
    return [line for line in lines if (found := _PROCESS.match(line)) and _is_alive(int(found[1]))]


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True


@contextmanager
def _session_lock(engine: Engine, name: str, *, exclusive: bool) -> Iterator[None]:
    kind = "" if exclusive else "_shared"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        number = {"number": _NUMBERS[name]}
        while not _try(engine, connection, kind, number):
            if holder := _session_holder(engine, number):  # else it has just ended
                raise LockHeld(f"Another process works on this archive: {holder}.")
        try:
            yield
        finally:
            _release(connection, kind, number)


def _try(engine: Engine, connection: Connection, kind: str, number: dict[str, int]) -> bool:
    with storage_errors(engine):
        return bool(connection.scalar(text(f"SELECT pg_try_advisory_lock{kind}(:number)"), number))


def _release(connection: Connection, kind: str, number: dict[str, int]) -> None:
    try:
        connection.execute(text(f"SELECT pg_advisory_unlock{kind}(:number)"), number)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        # A connection that was lost has released the lock already.


def _session_holder(engine: Engine, number: dict[str, int]) -> str | None:
    with read_transaction(engine) as connection:
        row = connection.execute(_HOLDER, number).first()
    if row is None:
        return None
    return f"database session {row.pid} of {row.application_name} at {row.client_addr or 'this machine'}"

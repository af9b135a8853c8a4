"""What the two databases' drivers report, in the words of models.errors. Only trouble of the machine is translated.

A broken constraint or a wrong statement is a bug of ours and passes through as it is.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from models.errors import DatabaseUnreachable, DiskFailed, StorageError
from models.storage import rights

_Translation = tuple[type[StorageError], str]

# Primary result codes of SQLite (the low byte of the extended ones).
_SQLITE: dict[int, _Translation] = {
    sqlite3.SQLITE_BUSY: (StorageError, "is locked by another process"),
    sqlite3.SQLITE_LOCKED: (StorageError, "is locked by another connection"),
    sqlite3.SQLITE_READONLY: (DiskFailed, "cannot be written"),
    sqlite3.SQLITE_PERM: (DiskFailed, "cannot be opened for want of permission"),
    sqlite3.SQLITE_CANTOPEN: (DiskFailed, "cannot be opened"),
    sqlite3.SQLITE_IOERR: (DiskFailed, "met an input/output error of the disk"),
    sqlite3.SQLITE_FULL: (DiskFailed, "found the disk full"),
    sqlite3.SQLITE_CORRUPT: (StorageError, "is damaged"),
    sqlite3.SQLITE_NOTADB: (StorageError, "is not an SQLite file"),
}

# SQLSTATE codes of PostgreSQL, whole or their beginnings; the first two characters are a class.
_POSTGRESQL: dict[str, _Translation] = {
    "53100": (DiskFailed, "found its disk full"),
    "25006": (DiskFailed, "is read-only"),
    "42501": (StorageError, "gives this user too few rights"),
    "55P03": (StorageError, "is locked by another session, for longer than its lock_timeout"),
    "57014": (StorageError, "ended a statement that ran over its statement_timeout, or that somebody cancelled"),
    "25P03": (DatabaseUnreachable, "closed the connection by its idle_in_transaction_session_timeout"),
    "25P04": (DatabaseUnreachable, "closed the connection by its transaction_timeout"),
    "57P05": (DatabaseUnreachable, "closed the connection by its idle_session_timeout"),
    "22P05": (StorageError, "is in an encoding that lacks a character; it must be in UTF-8"),
    "3F000": (StorageError, "has no schema in which this user may make tables"),
    "XX001": (StorageError, "is damaged"),
    "XX002": (StorageError, "has a damaged index"),
    "40": (StorageError, "rolled the transaction back for another session's sake"),
    "58": (DiskFailed, "met an error of its disk"),
    "53": (DatabaseUnreachable, "has no resources left"),
    "08": (DatabaseUnreachable, "cannot be reached"),
    "28": (DatabaseUnreachable, "refused this user"),
    "3D": (DatabaseUnreachable, "does not exist"),
    "57P": (DatabaseUnreachable, "closed the connection"),
}


@contextmanager
def storage_errors(engine: Engine) -> Iterator[None]:
    """Raise the trouble of a database or its disk as a StorageError of one clear sentence, without the password."""
    try:
        yield
    except DBAPIError as error:
        translation = _translate(error)
        if translation is None:
            raise
        kind, what = translation
        told = f"{database_name(engine.url)} {what}: {_first_line(error, engine.url)}"
        raise kind(f"{told}{_of_the_folder(engine.url)}" if kind is DiskFailed else told) from error


def require_utf8(url: URL, encoding: str | None) -> None:
    """Raise StorageError where PostgreSQL keeps a database in another encoding than UTF-8."""
    if encoding != "UTF8":
        raise StorageError(
            f"{database_name(url)} is in {encoding}, which does not hold every script; make one in UTF-8, for example "
            f"by `createdb --encoding=UTF8 --template=template0 {url.database}`."
        )


def database_name(url: URL) -> str:
    """Name a database for a person; never its password."""
    if url.get_backend_name() == "sqlite":
        return f"The database {url.database or ':memory:'}"
    place = url.host or url.query.get("host") or "the local socket"
    return f'The PostgreSQL database "{url.database}" at {place}{f":{url.port}" if url.port else ""}'


def _translate(error: DBAPIError) -> _Translation | None:
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    state = getattr(cause, "sqlstate", None)
    if state is None:  # the driver alone speaks: there is no connection, or it broke
        return (DatabaseUnreachable, "cannot be reached") if isinstance(error, OperationalError) else None
    return next((_POSTGRESQL[part] for part in (state, state[:3], state[:2]) if part in _POSTGRESQL), None)


def _of_the_folder(url: URL) -> str:
    """Say what SQLite does not: that nothing can be made in the folder, where it keeps files of its own."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return ""
    folder = Path(url.database).absolute().parent
    if not folder.is_dir() or rights.may_write(folder):
        return ""
    return f" (the folder {folder} is read-only, or another user's)"


def _first_line(error: DBAPIError, url: URL) -> str:
    line = str(error.orig).strip().partition("\n")[0]
    return line.replace(url.password, "***") if url.password else line

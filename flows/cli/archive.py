"""Open the archive to read it. A read never makes an archive and never migrates one: it says what to do instead."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine

from config.settings import Settings
from models.errors import DatabaseNewerThanCode, StorageError
from models.storage.database import create_database_engine, read_transaction
from models.storage.database_errors import database_name
from models.storage.database_files import create_reading_engine, may_write
from models.storage.raw_store import RawStore
from models.storage.revision import code_revision, database_revision, is_empty


def raw_store(settings: Settings) -> RawStore:
    """Return the store of original documents."""
    return RawStore(settings.home / "raw", settings.home / "tmp")


def has_archive(settings: Settings) -> bool:
    """Tell whether there may be an archive: a file that is there, or a server's database that holds anything.

    Raise DatabaseUnreachable where the server cannot be asked.
    """
    engine = create_database_engine(settings.sqlalchemy_url)
    if engine.dialect.name == "sqlite":
        return _is_there(engine)
    try:
        with read_transaction(engine) as connection:
            return not is_empty(connection)
    finally:
        engine.dispose()


@contextmanager
def existing_engine(settings: Settings) -> Iterator[Engine]:
    """Open the database of an archive that is there, at the tables of this code; to read, where it cannot be written.

    Raise StorageError where there is none, or where its tables are not this code's.
    """
    engine = create_database_engine(settings.sqlalchemy_url)
    if engine.dialect.name == "sqlite":
        if not _is_there(engine):  # opening it would make it
            raise StorageError(_nothing_yet(settings, engine))
        if not may_write(engine.url):
            engine = create_reading_engine(engine.url)
    try:
        with read_transaction(engine) as connection:
            found = database_revision(connection)
            nothing = found is None and is_empty(connection)
        if found is None:
            raise StorageError(_nothing_yet(settings, engine) if nothing else _tables_of_others(engine))
        if found != code_revision():
            _refuse(engine, found)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def archive_reading(settings: Settings) -> Iterator[Connection]:
    """Open one consistent view of the archive. Raise StorageError as existing_engine does."""
    with existing_engine(settings) as engine, read_transaction(engine) as connection:
        yield connection


def _is_there(engine: Engine) -> bool:
    return Path(engine.url.database or "").is_file()


def _nothing_yet(settings: Settings, engine: Engine) -> str:
    kind = "file" if engine.dialect.name == "sqlite" else "database"
    place = settings.home if settings.database_url is None else f"the {kind} of CLIMATE_ARCHIVE_DATABASE_URL"
    return f"There is no archive yet in {place}: `climate-archive run` begins one, `climate-archive demo` shows one."


def _tables_of_others(engine: Engine) -> str:
    place = database_name(engine.url)
    return f"{place} holds no archive yet, but other tables: `climate-archive db upgrade` begins one beside them."


def _refuse(engine: Engine, found: str) -> None:
    if found < code_revision():
        raise StorageError("The archive was made by an older version: run `climate-archive db upgrade` first.")
    raise DatabaseNewerThanCode(
        f"{database_name(engine.url)} was migrated by a newer version of this program (revision {found}): install that."
    )

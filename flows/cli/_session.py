"""Open the archive to read it. A read never makes an archive and never migrates one: it says what to do instead."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine

from config.settings import Settings
from models._database_errors import database_name
from models.database import create_database_engine, reading
from models.errors import DatabaseNewerThanCode, StorageError
from models.queries.revision import code_revision, database_revision
from models.raw_store import RawStore

_NO_TABLES = (
    "The database of CLIMATE_ARCHIVE_DATABASE_URL holds no archive yet: run `climate-archive db upgrade` first."
)


def raw_store(settings: Settings) -> RawStore:
    """Return the store of original documents."""
    return RawStore(settings.home / "raw", settings.home / "tmp")


def has_archive(settings: Settings) -> bool:
    """Tell whether there may be a database: of a file, whether it is there; a server is asked only when it is read."""
    engine = create_database_engine(settings.sqlalchemy_url)
    return engine.dialect.name != "sqlite" or Path(engine.url.database or "").is_file()


@contextmanager
def existing_engine(settings: Settings) -> Iterator[Engine]:
    """Open the database of an archive that is there, at the tables of this code.

    Raise StorageError where there is none, or where its tables are not this code's.
    """
    if not has_archive(settings):
        raise StorageError(_nothing_yet(settings))
    engine = create_database_engine(settings.sqlalchemy_url)
    try:
        with reading(engine) as connection:
            found = database_revision(connection)
        if found is None:
            raise StorageError(_NO_TABLES if settings.database_url else _nothing_yet(settings))
        if found != code_revision():
            _refuse(engine, found)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def archive_reading(settings: Settings) -> Iterator[Connection]:
    """Open one consistent view of the archive. Raise StorageError as existing_engine does."""
    with existing_engine(settings) as engine, reading(engine) as connection:
        yield connection


def _nothing_yet(settings: Settings) -> str:
    place = settings.home if settings.database_url is None else "the file of CLIMATE_ARCHIVE_DATABASE_URL"
    return f"There is no archive yet in {place}: `climate-archive run` begins one, `climate-archive demo` shows one."


def _refuse(engine: Engine, found: str) -> None:
    if found < code_revision():
        raise StorageError("The archive was made by an older version: run `climate-archive db upgrade` first.")
    raise DatabaseNewerThanCode(
        f"{database_name(engine.url)} was migrated by a newer version of this program (revision {found}): install that."
    )

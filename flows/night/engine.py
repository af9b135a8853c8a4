"""Open an archive's database for work, made and migrated first where it is SQLite."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from config.settings import Settings
from flows.night.lock import archive_lock
from models.database import create_database_engine
from models.errors import ConfigError, DiskFailed
from models.migrate import is_current, upgrade


@contextmanager
def ready_engine(settings: Settings) -> Iterator[Engine]:
    """Open the database at today's tables.

    Raises:
        ConfigError: PostgreSQL's tables are not up to date: migrating a shared database is a person's decision.
        StorageError: It cannot be reached, written, or was migrated by newer code.
        LockHeld: Another process works on an archive that must be migrated first.

    """
    engine = create_database_engine(settings.sqlalchemy_url)
    try:
        is_file = engine.dialect.name == "sqlite"
        if is_file and engine.url.database is not None:
            make_folder(Path(engine.url.database).parent)
        if not is_current(engine):
            if not is_file:
                raise ConfigError("The database's tables are not up to date: run `climate-archive db upgrade` first.")
            with archive_lock(engine, "migration", exclusive=True):
                upgrade(engine)
        yield engine
    finally:
        engine.dispose()


def make_folder(folder: Path) -> None:
    """Make a folder of the archive. Raise DiskFailed where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiskFailed(f"The folder {folder} cannot be made: {error.strerror or error}.") from error

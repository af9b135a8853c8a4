"""Open an archive's database for work: made first where there is none, and migrated first where it is SQLite."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from config.settings import Settings
from flows.runs.locks import archive_lock
from models.errors import ConfigError, DiskFailed, LockHeld
from models.storage.database import create_database_engine, read_transaction
from models.storage.revision import current_revision, is_current, is_empty

_MIGRATION: Final = "migration"
_LOOK_AGAIN_S: Final = 0.2
_LOOKS: Final = 300  # a minute: a migration of a large archive may take that


@contextmanager
def ready_engine(settings: Settings, sleep: Callable[[float], object] = time.sleep) -> Iterator[Engine]:
    """Open the database at today's tables. Another process's migration is waited for.

    Raises:
        ConfigError: PostgreSQL's tables are not up to date: migrating what a shared database holds is a person's
            decision. An empty one holds nothing, and gets its tables here.
        StorageError: It cannot be reached, written, or was migrated by newer code.
        LockHeld: Another process works on an archive that must be migrated first.

    """
    engine = create_database_engine(settings.sqlalchemy_url)
    try:
        is_file = engine.dialect.name == "sqlite"
        if is_file and engine.url.database is not None:
            make_folder(Path(engine.url.database).parent)
        if not is_current(engine):
            if not is_file and not _is_empty(engine):
                raise ConfigError("The database's tables are not up to date: run `climate-archive db upgrade` first.")
            _migrate(engine, sleep)
        yield engine
    finally:
        engine.dispose()


def _migrate(engine: Engine, sleep: Callable[[float], object]) -> None:
    """Bring the tables to today's, or see that somebody else does."""
    for _ in range(_LOOKS):
        try:
            with archive_lock(engine, _MIGRATION, exclusive=True):
                _bring_up(engine)
        except LockHeld as held:
            # Two first starts at once, of which the other came first; on PostgreSQL its purpose is not told.
            if _MIGRATION not in str(held) and current_revision(engine) is not None:
                raise
            sleep(_LOOK_AGAIN_S)
        if is_current(engine):
            return
    with archive_lock(engine, _MIGRATION, exclusive=True):
        _bring_up(engine)


def _bring_up(engine: Engine) -> None:
    """Give a new archive its tables, or bring those of an older one to today's."""
    if is_current(engine):
        return
    from models.migrations.fresh import made_new  # what only a first night and an upgrade need

    if not made_new(engine):
        from models.migrations.migrate import (
            upgrade,  # Alembic: a twentieth of an unchanged night, which has nothing to migrate
        )

        upgrade(engine)


def _is_empty(engine: Engine) -> bool:
    with read_transaction(engine) as connection:
        return is_empty(connection)


def make_folder(folder: Path) -> None:
    """Make a folder of the archive. Raise DiskFailed where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise DiskFailed(
            f"The folder {folder} cannot be made: a file has that name, or a link that leads nowhere."
        ) from error
    except OSError as error:
        raise DiskFailed(f"The folder {folder} cannot be made: {error.strerror or error}.") from error


def make_private(folder: Path) -> None:
    """Make a folder whose files are for its owner alone, whatever the umask. Raise DiskFailed where that cannot be."""
    make_folder(folder)
    try:
        folder.chmod(0o700)
    except OSError as error:
        raise DiskFailed(
            f"The folder {folder} is another user's: set PREFECT_HOME to one of your own ({error.strerror})."
        ) from error

"""Migrate a database when a person asks for it."""

from pathlib import Path

from msgspec import Struct

from config.settings import Settings
from flows.runs.database import make_folder
from flows.runs.locks import archive_lock
from models.migrations.migrate import current_revision, head_revision, upgrade
from models.storage.database import create_database_engine


class Upgrade(Struct, frozen=True, kw_only=True):
    """What a migration did."""

    before: str | None  # None: there were no tables
    after: str | None
    copy: Path | None  # of the database as it was


def upgrade_archive(settings: Settings) -> Upgrade:
    """Migrate the database, made first where it is a file. Raise StorageError, or LockHeld while others write."""
    engine = create_database_engine(settings.sqlalchemy_url)
    try:
        if engine.dialect.name == "sqlite" and engine.url.database is not None:
            make_folder(Path(engine.url.database).parent)
        with archive_lock(engine, "migration", exclusive=True):
            before = current_revision(engine)
            copy = upgrade(engine)
        return Upgrade(before=before, after=head_revision(), copy=copy)
    finally:
        engine.dispose()

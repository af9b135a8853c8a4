"""Which revision a database is at, and which this code knows. Read without Alembic, which only a migration needs."""

import re
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, column, inspect, select, table

from models.errors import DatabaseNewerThanCode
from models.storage.database import read_transaction
from models.storage.database_errors import database_name

_SCRIPTS: Final = Path(__file__).parents[1] / "migrations" / "versions"
_SCRIPT: Final = re.compile(r"(\d+)_\w+\.py")
_VERSION: Final = table("alembic_version", column("version_num"))


def is_current(engine: Engine) -> bool:
    """Tell whether the database is at the head revision. Raise DatabaseNewerThanCode if it is beyond."""
    revision = current_revision(engine)
    known = _revisions()
    if revision is not None and revision not in known:
        raise DatabaseNewerThanCode(
            f"{database_name(engine.url)} is at revision {revision}, which this version of the program does not know: "
            "install the newer version that made it"
        )
    return revision == known[-1]


def current_revision(engine: Engine) -> str | None:
    """Return the database's revision; None where it was never migrated."""
    with read_transaction(engine) as connection:
        return database_revision(connection)


def database_revision(connection: Connection) -> str | None:
    """Return the database's revision; None where it holds no archive."""
    if not inspect(connection).has_table(_VERSION.name):
        return None
    found: str | None = connection.scalar(select(_VERSION.c.version_num))
    return found


def is_empty(connection: Connection) -> bool:
    """Tell whether the database holds no table, of ours or of anybody else's."""
    return not inspect(connection).get_table_names()


def code_revision() -> str:
    """Return the last revision that this code knows."""
    return _revisions()[-1]


def _revisions() -> list[str]:
    """Return the revisions of the scripts, whose names begin with them, the oldest first."""
    names = (_SCRIPT.fullmatch(path.name) for path in _SCRIPTS.iterdir())
    return sorted(name[1] for name in names if name)

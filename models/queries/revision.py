"""Which revision a database is at, read without Alembic: importing it would double the start-up of every search."""

import re
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, column, inspect, select, table

_SCRIPTS: Final = Path(__file__).parents[1] / "migrations" / "versions"
_SCRIPT: Final = re.compile(r"(\d+)_\w+\.py")
_VERSION: Final = table("alembic_version", column("version_num"))


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
    names = (_SCRIPT.fullmatch(path.name) for path in _SCRIPTS.iterdir())
    return max(name[1] for name in names if name)

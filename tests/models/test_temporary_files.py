"""Where SQLite keeps what it needs for a while: beside the database, where there is room for a copy of it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from models.overwriting import overwrite_deleted
from models.storage.database_files import temporary_files_beside
from tests.databases import about_sqlite

_OPEN = Path("/proc/self/fd")
_BYTES = 6_000_000  # of a database: more than SQLite has in memory of a copy
pytestmark = pytest.mark.skipif(not _OPEN.is_dir(), reason="needs a system that tells which files are open")


class Watch:
    """Sees which temporary files of SQLite are open while a connection is at work."""

    def __init__(self) -> None:
        self.folders: set[str] = set()

    def on(self, dbapi: sqlite3.Connection, _record: object = None) -> None:
        """Look while this connection works."""
        dbapi.set_progress_handler(self._look, 20)

    def _look(self) -> int:
        names = (self._name(one) for one in _OPEN.iterdir())
        self.folders.update(str(Path(name).parent) for name in names if "/etilqs_" in name)
        return 0

    def _name(self, descriptor: Path) -> str:
        try:
            return str(descriptor.readlink())
        except FileNotFoundError:  # the one that lists them
            return ""


def _fill(execute: Any) -> None:
    execute("CREATE TABLE filler (words BLOB)")
    for _ in range(_BYTES // 100_000):
        execute("INSERT INTO filler VALUES (randomblob(100000))")


@about_sqlite
def test_a_takedown_writes_its_copy_beside_the_database(engine: Engine) -> None:
    """A small /tmp hinders none, and no words of the archive are written there."""
    with engine.begin() as connection:
        _fill(connection.exec_driver_sql)
    watch = Watch()
    event.listen(engine, "connect", watch.on)
    engine.dispose()
    overwrite_deleted(engine, lambda _connection: ())
    assert engine.url.database is not None
    assert watch.folders == {str(Path(engine.url.database).parent)}


def test_a_folder_of_any_name_may_hold_them(tmp_path: Path) -> None:
    """Also one whose name holds quotes."""
    folder = tmp_path / 'the paper\'s archive; 100% "ours"'
    folder.mkdir()
    watch = Watch()
    with closing(sqlite3.connect(folder / "any.db", isolation_level=None)) as connection:
        _fill(connection.execute)
        watch.on(connection)
        connection.execute(temporary_files_beside(folder / "any.db"))
        connection.execute("VACUUM")
    assert watch.folders == {str(folder)}

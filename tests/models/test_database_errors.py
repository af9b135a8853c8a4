"""What the drivers report is raised as one clear sentence of the archive's own errors."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, func, insert, select, text

from config.settings import Secret, Settings
from flows.runs.database import ready_engine
from models.errors import DatabaseUnreachable, DiskFailed, StorageError
from models.storage.database import create_database_engine, read_transaction, write_transaction
from models.tables.labels import TopicRow
from tests.databases import about_sqlite, on_postgresql
from tests.postgresql import TestServer


def _add_topic(engine: Engine, definition: str = "") -> None:
    with write_transaction(engine) as connection:
        connection.execute(insert(TopicRow).values(id="a", name="A", definition=definition, is_active=True))


def _add_topic_after_the_end(connection: Connection, engine: Engine) -> None:
    """Have the server end this connection before it is used again."""
    own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with read_transaction(engine) as other:
        other.execute(text("SELECT pg_terminate_backend(:own, 5000)"), {"own": own})
    connection.execute(insert(TopicRow).values(id="a", name="A", definition="", is_active=True))


def _topics(engine: Engine) -> int:
    with read_transaction(engine) as connection:
        return connection.execute(select(func.count()).select_from(TopicRow)).scalar_one()


@about_sqlite
def test_a_locked_sqlite_file_is_named(engine: Engine):
    """A writer that waited in vain says so."""
    with closing(sqlite3.connect(engine.url.database or "")) as other:
        other.execute("BEGIN IMMEDIATE")
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=0")
        with pytest.raises(StorageError, match=r"archive\.db is locked by another process"), write_transaction(engine):
            pass


def _folder(path: Path) -> None:
    path.mkdir()


def _text(path: Path) -> None:
    path.write_text("This is no database. " * 100)


@pytest.mark.parametrize(
    ("spoil", "kind", "words"),
    [
        pytest.param(_folder, DiskFailed, "cannot be opened", id="a folder in its place"),
        pytest.param(_text, StorageError, "is not an SQLite file", id="a text in its place"),
    ],
)
def test_a_file_that_is_no_database_is_named(tmp_path: Path, spoil, kind: type[StorageError], words: str):
    """What stands where the database should be is said in one sentence."""
    spoil(tmp_path / "archive.db")
    engine = create_database_engine(f"sqlite:///{tmp_path / 'archive.db'}")
    with pytest.raises(kind, match=rf"archive\.db {words}"), read_transaction(engine) as connection:
        connection.execute(text("SELECT * FROM sqlite_master"))
    engine.dispose()


@about_sqlite
def test_a_full_disk_is_named(engine: Engine):
    """When SQLite finds no room, the transaction is undone and the disk is named."""
    with read_transaction(engine) as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(DiskFailed, match="found the disk full"):
        _add_topic(engine, definition="x" * 1_000_000)
    assert _topics(engine) == 0


@about_sqlite
def test_a_read_only_sqlite_is_named(engine: Engine):
    """A database that takes no writes is a disk that cannot be written."""
    with read_transaction(engine) as connection:
        connection.exec_driver_sql("PRAGMA query_only=1")
    with pytest.raises(DiskFailed, match=r"archive\.db cannot be written"):
        _add_topic(engine)


@on_postgresql
def test_a_read_only_postgresql_is_named(engine: Engine):
    """A standby that takes no writes is a disk that cannot be written."""
    with read_transaction(engine) as connection:
        connection.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
    with pytest.raises(DiskFailed, match=r'PostgreSQL database "climate_test\w+" at \S+ is read-only'):
        _add_topic(engine)


@on_postgresql
def test_a_lost_connection_is_unreachable(engine: Engine):
    """A server that closes the connection is out of reach, and the next transaction finds it again."""
    with pytest.raises(DatabaseUnreachable, match="closed the connection"), write_transaction(engine) as connection:
        _add_topic_after_the_end(connection, engine)
    assert _topics(engine) == 0


@on_postgresql
def test_a_statement_that_takes_too_long_is_named(engine: Engine):
    """By the setting of the server that ended it; the session goes on."""
    with read_transaction(engine) as connection:
        connection.execute(text("SET SESSION statement_timeout = 20"))
    with (
        pytest.raises(StorageError, match=r"statement_timeout.*: canceling statement"),
        read_transaction(engine) as connection,
    ):
        connection.execute(text("SELECT pg_sleep(60)"))
    assert _topics(engine) == 0


@on_postgresql
@pytest.mark.parametrize(
    ("state", "kind", "words"),
    [
        ("55P03", StorageError, "lock_timeout"),
        ("25P03", DatabaseUnreachable, "idle_in_transaction_session_timeout"),
        ("25P04", DatabaseUnreachable, " transaction_timeout"),
        ("57P05", DatabaseUnreachable, "idle_session_timeout"),
        ("22P05", StorageError, "must be in UTF-8"),
        ("3F000", StorageError, "no schema"),
        ("53300", DatabaseUnreachable, "no resources left"),
        ("XX001", StorageError, "is damaged"),
    ],
)
def test_what_a_server_setting_ends_is_named(engine: Engine, state: str, kind: type[StorageError], words: str):
    """Never as a bug: somebody set it, and can set it otherwise."""
    with pytest.raises(kind, match=words), read_transaction(engine) as connection:
        connection.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'so it is' USING ERRCODE = '{state}'; END $$"))


@on_postgresql
def test_a_writer_that_waits_too_long_for_its_turn_is_told_why(engine: Engine):
    """The server's setting ends its wait."""
    url = engine.url.update_query_dict({"options": "-c timezone=utc -c statement_timeout=1"})
    hurried = create_database_engine(url.render_as_string(hide_password=False))
    with (
        write_transaction(engine) as connection,
        pytest.raises(StorageError, match="statement_timeout"),
        write_transaction(hurried),
    ):
        connection.execute(text("SELECT 1"))
    hurried.dispose()


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_in_another_encoding_is_refused_before_tables_are_made(
    postgresql_server: TestServer, tmp_path: Path, encoding: str
):
    """One sentence names it and what to do; the database stays empty."""
    url = postgresql_server.create(encoding=encoding)
    sentence = rf'PostgreSQL database "climate_test_\w+" at \S+ is in {encoding}, .*createdb --encoding=UTF8'
    with (
        pytest.raises(StorageError, match=sentence),
        ready_engine(Settings(home=tmp_path, database_url=Secret(url))),
    ):
        pass
    postgresql_server.drop(url)


@on_postgresql
def test_the_client_encoding_is_ours(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    """Whatever the environment tells other programs."""
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    _add_topic(engine, definition="珊瑚")
    assert _topics(engine) == 1


def test_an_unreachable_server_is_named_without_the_password():
    """Nobody listens: the sentence names the database and its host, and keeps the secret."""
    engine = create_database_engine("postgresql://reader:s3cret@127.0.0.1:1/archive")
    with (
        pytest.raises(DatabaseUnreachable, match=r'database "archive" at 127\.0\.0\.1:1 cannot be') as raised,
        write_transaction(engine),
    ):
        pass
    assert "s3cret" not in str(raised.value)
    assert "\n" not in str(raised.value)

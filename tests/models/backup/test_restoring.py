"""A restored archive is equal to the one that was backed up, on either database; a damaged backup is refused."""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, inspect

from models.backup.manifest import NAME, read_manifest
from models.errors import ArchiveError, DatabaseNewerThanCode, StorageError
from models.migrations.migrate import current_revision, differences, head_revision, upgrade
from models.queries.searching.search import SearchRequest, search
from models.storage.database import create_database_engine, read_transaction, write_transaction
from models.tables.keys import table_of
from models.tables.runs import Run
from tests import builders
from tests.builders import Piece
from tests.models.backup.conftest import FEED, PAGE, Place, digest_of, filled
from tests.nights import counts, rows, stored_files
from tests.old_archives import FIRST_REVISION, copy_rows, make_first_revision

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str]) -> Iterator[Place]:
    """Give the archive that was backed up, which is only read here, with its backup beside it."""
    engine = create_database_engine(new_database())
    home = tmp_path_factory.mktemp("original")
    place = filled(Place(home / "full", engine))
    place.back_up(home / "backup")
    yield place
    engine.dispose()


@pytest.fixture
def folder(original: Place, tmp_path: Path) -> Path:
    """Give a copy of that backup, of the test's own."""
    return Path(shutil.copytree(original.home.parent / "backup", tmp_path / "backup"))


@pytest.mark.parametrize("kind", DATABASES)
def test_what_is_restored_is_equal(original: Place, folder: Path, room: Callable[[str], Place], kind: str) -> None:
    """Every row of every table and every document comes back, also on the other kind of database."""
    place = room(kind)
    done = place.restore(folder)
    assert done.documents == 2
    assert done.tables == counts(original.engine) == counts(place.engine)
    for name in done.tables:
        assert rows(place.engine, name) == rows(original.engine, name), name
    assert stored_files(place.home) == stored_files(original.home)
    assert [path.name for path in (place.home / "tmp").iterdir()] == []


@pytest.mark.parametrize("kind", DATABASES)
def test_a_restored_archive_lives_on(folder: Path, room: Callable[[str], Place], kind: str) -> None:
    """Its search finds, and the next night's rows get keys of their own."""
    place = room(kind)
    place.restore(folder)
    with read_transaction(place.engine) as connection:
        assert [hit.id for hit in search(connection, SearchRequest(query="text"))] != []
    with write_transaction(place.engine) as connection:
        archive = builders.Archive(connection)
        run_id = archive.night(archive.feed("one"), Piece(title="Later", url="https://one.example/later"))
    assert run_id == 5
    assert [row["id"] for row in rows(place.engine, "stories")] == [1, 2, 3, 4, 5]


def test_a_database_with_tables_and_no_row_is_empty(empty: Place, folder: Path) -> None:
    """`db upgrade` may have come first, and documents of an attempt that was cut off may be there."""
    upgrade(empty.engine)
    empty.raw.put(PAGE)
    assert empty.restore(folder).documents == 2


def test_an_archive_is_never_overwritten(original: Place, folder: Path) -> None:
    """Where rows are, nothing is restored."""
    before = counts(original.engine)
    with pytest.raises(StorageError, match="is not empty"):
        original.restore(folder)
    assert counts(original.engine) == before


def test_a_store_of_other_documents_is_not_empty(empty: Place, folder: Path) -> None:
    """Documents of another archive are left alone."""
    foreign = empty.raw.put(b"another archive's")
    with pytest.raises(StorageError, match=f"it holds {foreign}"):
        empty.restore(folder)


def _database(folder: Path) -> Path:
    manifest = read_manifest(folder)
    assert manifest is not None
    return folder / manifest.database.file


def _page(folder: Path) -> Path:
    return folder / "raw" / digest_of(PAGE)[:2] / f"{digest_of(PAGE)}.zst"


def _tear(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def _flip(path: Path) -> None:
    packed = bytearray(path.read_bytes())
    packed[len(packed) // 2] ^= 1
    path.write_bytes(packed)


def _retell(folder: Path, **changed: Any) -> None:
    path = folder / NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        pytest.param(lambda folder: _tear(_database(folder)), r"database-\w+.sqlite is not the file", id="torn rows"),
        pytest.param(
            lambda folder: _flip(_database(folder)), r"database-\w+.sqlite is not the file", id="altered rows"
        ),
        pytest.param(lambda folder: _database(folder).unlink(), r"database-\w+.sqlite cannot be used", id="no rows"),
        pytest.param(lambda folder: _tear(_page(folder)), f"{digest_of(PAGE)}.zst", id="a torn document"),
        pytest.param(lambda folder: _flip(_page(folder)), f"{digest_of(PAGE)}.zst", id="an altered document"),
        pytest.param(lambda folder: _page(folder).unlink(), f"{digest_of(PAGE)}.zst", id="a missing document"),
        pytest.param(lambda folder: _tear(folder / NAME), "manifest.json is damaged", id="a torn manifest"),
        pytest.param(lambda folder: (folder / NAME).unlink(), "holds no backup", id="no manifest"),
        pytest.param(lambda folder: _retell(folder, format=2), "by a newer version", id="a format of the future"),
        pytest.param(lambda folder: _retell(folder, tables={"stories": 5}), "5 rows of stories", id="another count"),
        pytest.param(lambda folder: _retell(folder, tables={"x; y": 1}), "1 rows of x; y", id="another table"),
        pytest.param(
            lambda folder: _retell(folder, documents={"count": 3, "size_bytes": 1}), "3 documents", id="other documents"
        ),
    ],
)
def test_a_damaged_backup_is_refused(
    empty: Place, folder: Path, damage: Callable[[Path], object], sentence: str
) -> None:
    """One sentence names the file, and not a row is restored; once it is mended, the same place takes it."""
    whole = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    damage(folder)
    with pytest.raises(ArchiveError, match=sentence) as caught:
        empty.restore(folder)
    assert "\n" not in str(caught.value)
    for path, body in whole.items():
        path.write_bytes(body)
    assert empty.restore(folder).tables["stories"] == 4


def _rewrite(folder: Path, *statements: str) -> None:
    """Alter a backup's database, and its manifest so that all digests agree: somebody's who means harm."""
    with closing(sqlite3.connect(_database(folder))) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    digest = hashlib.sha256(_database(folder).read_bytes()).hexdigest()
    renamed = _database(folder).rename(folder / f"database-{digest[:16]}.sqlite")
    _retell(folder, database={"file": renamed.name, "sha256": digest, "size_bytes": renamed.stat().st_size})


def _exchange(path: Path, make: Callable[[Path], object]) -> None:
    path.unlink()
    make(path)


_ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i FROM n"


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        pytest.param(
            lambda folder: _rewrite(folder, f"CREATE TRIGGER t AFTER UPDATE ON alembic_version BEGIN {_ENDLESS}; END"),
            "it holds the trigger 't'",
            id="a trigger for the migration",
        ),
        pytest.param(
            lambda folder: _rewrite(folder, "DROP TABLE search_queue", f"CREATE VIEW search_queue AS {_ENDLESS}"),
            "it holds the view 'search_queue'",
            id="a view without end for a table",
        ),
        pytest.param(
            lambda folder: _rewrite(folder, "CREATE VIRTUAL TABLE x USING fts5(y)"),
            "it holds the table 'x'",
            id="a table that is a program",
        ),
        pytest.param(
            lambda folder: _rewrite(folder, "UPDATE runs SET started_at = 'yesterday'"),
            "a value in its database cannot be read",
            id="a moment that is none",
        ),
        pytest.param(
            lambda folder: _rewrite(folder, "UPDATE runs SET parameters = '{'"),
            "a value in its database cannot be read",
            id="JSON that is none",
        ),
        pytest.param(
            lambda folder: _exchange(_database(folder), lambda path: path.symlink_to("/dev/zero")),
            "is not the file that the manifest names",
            id="rows without end",
        ),
        pytest.param(
            lambda folder: _exchange(_database(folder), os.mkfifo),
            "is not the file that the manifest names",
            id="rows from a pipe",
        ),
        pytest.param(
            lambda folder: _exchange(folder / NAME, os.mkfifo), "it is no ordinary file", id="a manifest from a pipe"
        ),
        pytest.param(
            lambda folder: _exchange(_page(folder), os.mkfifo), "it is no ordinary file", id="a document from a pipe"
        ),
        pytest.param(
            lambda folder: _exchange(_page(folder), lambda path: path.symlink_to("/etc/passwd")),
            f"{digest_of(PAGE)} cannot be used: the file is damaged",
            id="a link to somebody's file",
        ),
        pytest.param(
            lambda folder: _retell(folder, database={"file": "../../x.sqlite", "sha256": "0" * 64, "size_bytes": 1}),
            "manifest.json is damaged: database.file",
            id="a path out of the folder",
        ),
    ],
)
def test_a_hostile_backup_is_refused(empty: Place, folder: Path, harm: Callable[[Path], object], sentence: str) -> None:
    """One sentence says why; nothing runs, nothing is waited for, no file outside of the folder is taken."""
    harm(folder)
    with pytest.raises(ArchiveError, match=sentence) as caught:
        empty.restore(folder)
    assert "\n" not in str(caught.value)
    assert set(empty.raw.digests()) <= {digest_of(FEED), digest_of(PAGE)}


def _make_older(folder: Path, scratch: Path) -> None:
    """Turn a backup into one that code of the first revision took."""
    now, then = (create_database_engine(f"sqlite:///{path}") for path in (_database(folder), scratch / "then.sqlite"))
    make_first_revision(then, scratch / "first")
    copy_rows(now, then)
    manifest = read_manifest(folder)
    assert manifest is not None
    tables = {name: count for name, count in manifest.tables.items() if inspect(then).has_table(name)}
    now.dispose()
    then.dispose()
    with closing(sqlite3.connect(scratch / "then.sqlite")) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    digest = hashlib.sha256((scratch / "then.sqlite").read_bytes()).hexdigest()
    _database(folder).unlink()
    renamed = (scratch / "then.sqlite").rename(folder / f"database-{digest[:16]}.sqlite")
    database = {"file": renamed.name, "sha256": digest, "size_bytes": renamed.stat().st_size}
    _retell(folder, revision=FIRST_REVISION, database=database, tables=tables)


def test_a_backup_of_an_older_version_is_brought_to_todays_tables(
    original: Place, empty: Place, folder: Path, tmp_path: Path
) -> None:
    """Its rows come back, and nothing stays of the copy that was migrated on the way."""
    (tmp_path / "scratch").mkdir()
    _make_older(folder, tmp_path / "scratch")
    done = empty.restore(folder)
    assert (done.manifest.revision, current_revision(empty.engine)) == (FIRST_REVISION, head_revision())
    assert differences(empty.engine) == []
    for name in done.tables.keys() - {
        "story_changes"
    }:  # which the upgrade writes, as far as it can tell: test_migrated_rows
        restored, kept = ([_as_then(row) for row in rows(place.engine, name)] for place in (empty, original))
        assert restored == kept, name
    assert [path.name for path in (empty.home / "tmp").iterdir()] == []


def _as_then(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the first revision did not keep and no migration can make again."""
    return {name: value for name, value in row.items() if name != "text_hash"}


def test_a_backup_of_a_newer_version_is_refused(empty: Place, folder: Path) -> None:
    """In a sentence that says what helps; the place stays empty for one that can be restored."""
    _rewrite(folder, "UPDATE alembic_version SET version_num = '9999'")
    _retell(folder, revision="9999")
    with pytest.raises(DatabaseNewerThanCode, match="install the newer version that made it") as caught:
        empty.restore(folder)
    assert "\n" not in str(caught.value)
    assert current_revision(empty.engine) is None
    assert set(empty.raw.digests()) == set()
    assert list((empty.home / "tmp").iterdir()) == []


def test_a_database_of_something_else_is_left_alone(empty: Place, folder: Path) -> None:
    """A database in which a table of this name stands without the archive's revision is not empty."""
    with write_transaction(empty.engine) as connection:
        connection.exec_driver_sql("CREATE TABLE runs (id INTEGER)")
    with pytest.raises(StorageError, match="is not empty"):
        empty.restore(folder)


def test_what_was_lost_before_stays_lost(full: Place, empty: Place, tmp_path: Path) -> None:
    """A backup that tells of a missing document is restored without it."""
    full.raw.delete(digest_of(PAGE))
    full.back_up(tmp_path / "backup")
    done = empty.restore(tmp_path / "backup")
    assert (done.documents, done.manifest.documents.missing) == (1, (digest_of(PAGE),))
    assert list(empty.raw.digests()) == [digest_of(FEED)]


def test_an_archive_without_a_run_is_restored_too(empty: Place, room: Callable[[str], Place], tmp_path: Path) -> None:
    """Nothing is a state like any other."""
    upgrade(empty.engine)
    empty.back_up(tmp_path / "backup")
    other = Place(tmp_path / "other", room("postgresql" if empty.engine.dialect.name == "sqlite" else "sqlite").engine)
    assert set(other.restore(tmp_path / "backup").tables.values()) == {0}
    with write_transaction(other.engine) as connection:
        values = {"mode": "run", "parameters": {}, "status": "running", "started_by": "hand", "pages": {}}
        moments = dict.fromkeys(("started_at", "heartbeat_at"), builders.NOON)
        connection.execute(insert(table_of(Run)).values(code_version="", **values, **moments))
    assert [row["id"] for row in rows(other.engine, "runs")] == [1]

"""A backup holds the whole archive as it was at one moment, and replaces the former one only when it is whole."""

import hashlib
import os
import resource
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from models.archive.withdrawals import withdraw_story
from models.backup.manifest import NAME, read_manifest
from models.errors import DiskFailed, StorageError
from models.storage.database import write_transaction
from models.tables.documents import RawBlob
from models.tables.keys import table_of
from models.tables.runs import Run
from tests.builders import NOON
from tests.models.backup.conftest import FEED, PAGE, Place, digest_of
from tests.nights import counts


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _lines(statement: str, folder: Path) -> list[tuple[object, ...]]:
    manifest = read_manifest(folder)
    assert manifest is not None
    with closing(sqlite3.connect(f"file:{folder / manifest.database.file}?mode=ro", uri=True)) as connection:
        return connection.execute(statement).fetchall()


def test_the_manifest_tells_what_is_there(full: Place, folder: Path, dialect: str) -> None:
    """Rows, documents and digests are those of the archive; the database is one plain SQLite file."""
    manifest = read_manifest(folder)
    assert manifest is not None
    assert (manifest.format, manifest.source, manifest.created_at) == (1, dialect, NOON)
    assert manifest.tables == counts(full.engine)
    assert manifest.documents.count == 2
    assert manifest.documents.size_bytes == sum(full.raw.size_bytes(digest_of(body)) for body in (PAGE, FEED))
    database = folder / manifest.database.file
    assert hashlib.sha256(database.read_bytes()).hexdigest() == manifest.database.sha256
    assert database.stat().st_size == manifest.database.size_bytes
    assert sorted(path.name for path in folder.iterdir()) == sorted([NAME, manifest.database.file, "raw", "tmp"])
    assert _lines("SELECT id, merged_into FROM stories ORDER BY id", folder)[0] == (1, 3)
    assert _lines("PRAGMA foreign_key_check", folder) == []


def test_an_unchanged_archive_gives_the_same_backup(full: Place, folder: Path) -> None:
    """A second backup copies no document and writes the same bytes again."""
    before = _files(folder)
    taken = full.back_up(folder)
    assert (taken.copied, taken.dropped) == (0, 0)
    assert _files(folder) == before


def test_what_is_new_is_copied_and_what_was_withdrawn_is_dropped(full: Place, folder: Path) -> None:
    """The folder holds what the archive names now, with the tombstone and without the words."""
    with write_transaction(full.engine) as connection:
        connection.execute(delete(table_of(RawBlob)).where(table_of(RawBlob).c.digest == digest_of(PAGE)))
        withdraw_story(connection, 2, "its author asked", NOON)
    new = full.keep(b"new")
    taken = full.back_up(folder)
    assert (taken.copied, taken.dropped) == (1, 1)
    assert {path.stem for path in (folder / "raw").rglob("*.zst")} == {new, digest_of(FEED)}
    assert _lines("SELECT withdrawn_reason, title FROM stories WHERE id = 2", folder) == [("its author asked", "")]
    assert len(list(folder.glob("database-*"))) == 1


def test_a_document_that_is_given_up_meanwhile_is_in_neither(full: Place, tmp_path: Path) -> None:
    """A night drops a document after the snapshot was taken: a newer snapshot does without it."""

    def show(items: Iterable[object], total: int, what: str) -> Iterator[object]:
        if what == "Copying documents" and full.raw.has(digest_of(PAGE)):
            with write_transaction(full.engine) as connection:
                connection.execute(delete(table_of(RawBlob)).where(table_of(RawBlob).c.digest == digest_of(PAGE)))
            full.raw.delete(digest_of(PAGE))
        yield from items

    manifest = full.back_up(tmp_path / "backup", show).manifest
    assert (manifest.documents.count, manifest.documents.missing) == (1, ())
    assert manifest.tables["raw_blobs"] == 1


def test_documents_that_never_stay_are_told(full: Place, tmp_path: Path) -> None:
    """Where every snapshot is overtaken, the backup gives up instead of lacking something."""

    def show(items: Iterable[object], total: int, what: str) -> Iterator[object]:
        if what != "Copying documents":
            yield from items
            return
        number = len(dropped)
        for digest in items:
            dropped.append(digest)
            full.raw.delete(str(digest))
            with write_transaction(full.engine) as connection:
                connection.execute(delete(table_of(RawBlob)).where(table_of(RawBlob).c.digest == digest))
            yield digest
        full.keep(b"another %d" % number)

    dropped: list[object] = []
    with pytest.raises(StorageError, match="given up faster"):
        full.back_up(tmp_path / "backup", show)
    assert not (tmp_path / "backup" / NAME).exists()


def test_what_the_archive_has_lost_is_told(full: Place, tmp_path: Path) -> None:
    """A damaged document does not stop the backup: the manifest names it, and the damage is not copied."""
    path = full.home / "raw" / digest_of(PAGE)[:2] / f"{digest_of(PAGE)}.zst"
    path.write_bytes(path.read_bytes()[:-3])
    manifest = full.back_up(tmp_path / "backup").manifest
    assert manifest.documents.missing == (digest_of(PAGE),)
    assert manifest.documents.count == 1
    assert [path.stem for path in (tmp_path / "backup" / "raw").rglob("*.zst")] == [digest_of(FEED)]


def test_an_earlier_backup_keeps_what_the_archive_has_lost_since(full: Place, folder: Path) -> None:
    """A document that vanished from the archive's store alone stays in the backup."""
    full.raw.delete(digest_of(PAGE))
    manifest = full.back_up(folder).manifest
    assert (manifest.documents.count, manifest.documents.missing) == (2, ())


def test_a_torn_document_of_the_backup_is_copied_again(full: Place, folder: Path) -> None:
    """Where the sizes differ, the archive's own takes the place of the backup's."""
    path = folder / "raw" / digest_of(PAGE)[:2] / f"{digest_of(PAGE)}.zst"
    whole = path.read_bytes()
    path.write_bytes(whole[:-3])
    assert full.back_up(folder).copied == 1
    assert path.read_bytes() == whole


@pytest.mark.parametrize("is_first", [True, False], ids=["the first backup", "a later one"])
def test_a_full_disk_leaves_the_former_backup(full: Place, tmp_path: Path, is_first: bool) -> None:
    """It ends with one sentence, nothing unfinished stays, and the folder holds what it held before."""
    folder = tmp_path / "backup"
    if not is_first:
        full.back_up(folder)
    before = _files(folder)
    full.keep(os.urandom(200_000))
    kept, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, hard))
    try:
        with pytest.raises((DiskFailed, StorageError)) as caught:
            full.back_up(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (kept, hard))
    assert "\n" not in str(caught.value)
    begun = {"backup.begun": b""} if is_first else {}
    assert {name: body for name, body in _files(folder).items() if "raw" not in name} == begun | {
        name: body for name, body in before.items() if "raw" not in name
    }
    assert before.items() <= _files(folder).items()
    assert full.back_up(folder).manifest.documents.count == 3
    assert not (folder / "backup.begun").exists()


def test_a_folder_of_something_else_is_left_alone(full: Place, tmp_path: Path) -> None:
    """Other files and no manifest: nothing is written there."""
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(StorageError, match=r"holds other files \("):
        full.back_up(tmp_path)
    assert not (tmp_path / NAME).exists()


@pytest.mark.parametrize("held", ["raw/ab/cd.zst", "tmp/cd", "database-mine.sqlite"])
def test_what_looks_like_a_backup_is_left_alone(full: Place, tmp_path: Path, held: str) -> None:
    """The folder of an archive has documents too, and a database may be anybody's: nothing in it is lost."""
    mine = tmp_path / "mine" / held
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with pytest.raises(StorageError, match=r"holds other files \("):
        full.back_up(tmp_path / "mine")
    assert _files(tmp_path / "mine") == {held: b"mine"}


def test_a_file_of_somebody_beside_a_backup_stays(full: Place, folder: Path) -> None:
    """Only databases that a backup wrote are dropped for the next one."""
    (folder / "database-mine.sqlite").write_text("mine")
    full.keep(b"later")
    full.back_up(folder)
    assert (folder / "database-mine.sqlite").read_text() == "mine"
    assert len(list(folder.glob("database-*.sqlite"))) == 2


def test_another_archive_backup_is_left_alone(full: Place, folder: Path) -> None:
    """An archive that began at another moment does not overwrite it."""
    before = _files(folder)
    with write_transaction(full.engine) as connection:
        connection.execute(update(table_of(Run)).values(started_at=NOON - timedelta(days=9)))
    with pytest.raises(StorageError, match="the backup of another archive"):
        full.back_up(folder)
    assert _files(folder) == before

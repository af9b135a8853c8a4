"""Take a backup: a snapshot of the database first, then the documents that it names, then the manifest.

Until the manifest takes its place, the folder is the former backup, whole; afterwards what only that one had goes.
"""

import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from msgspec import Struct, field
from sqlalchemy import Connection, Engine, select

from models.backup.copying import Show, count_rows
from models.backup.database_copy import digest_of, disk_errors, read_only, remove_database, write_database
from models.backup.manifest import DATABASE_NAME, NAME, DatabaseCopy, Documents, Manifest, read_manifest
from models.errors import DocumentDamaged, NotFound, StorageError
from models.queries.ledger.documents import count_documents, document_digests, is_document
from models.storage.database import read_transaction, snapshot
from models.storage.raw_store import RawStore
from models.storage.revision import code_revision
from models.tables.runs import Run

_UNFINISHED: Final = "database.unfinished"
LOCK: Final = "lock"
_BEGUN: Final = "backup.begun"  # stands in a folder from before the first document until the first manifest
_OWN: Final = ("raw", "tmp", LOCK, _BEGUN, f"{NAME}.unfinished")  # beside databases
_TRIES: Final = 3  # snapshots: a night gives documents up once, at its end


class Archive(Struct, frozen=True, kw_only=True):
    """What is backed up, or restored into."""

    engine: Engine
    raw: RawStore


class BackupContext(Struct, frozen=True, kw_only=True):
    """When and by what a backup is taken."""

    now: datetime
    software: str


class Taken(Struct, frozen=True, kw_only=True):
    """A backup, and what it took to bring the folder to it."""

    manifest: Manifest
    copied: int  # documents that were not in the folder before
    dropped: int  # documents that only the former backup had


class _Found(Struct):
    """What came of copying the documents that a snapshot names."""

    count: int = 0
    size_bytes: int = 0
    copied: int = 0
    lost: dict[str, str] = field(default_factory=dict)  # digest: why it could not be copied


def backup_store(folder: Path) -> RawStore:
    """Return the store of documents in a backup's folder."""
    return RawStore(folder / "raw", folder / "tmp")


def take_backup(archive: Archive, folder: Path, context: BackupContext, show: Show) -> Taken:
    """Bring a folder to what the archive is now; a night may be at work meanwhile.

    The caller holds the archive's lock and the folder's. Raise StorageError, with the former backup still whole.
    """
    check_folder(archive, folder)
    unfinished = folder / _UNFINISHED
    _begin(folder)
    try:
        found = _copied(archive, folder, show)
        manifest = _manifest(archive, unfinished, found, context)
        _put_in_place(folder, unfinished, manifest)
    finally:
        remove_database(unfinished)
    return Taken(manifest=manifest, copied=found.copied, dropped=_drop_the_rest(folder, manifest))


def check_folder(archive: Archive, folder: Path) -> None:
    """Raise StorageError for a folder that holds something else, or a backup of another archive."""
    former = read_manifest(folder)
    if former is None:
        # An archive's own folder has a raw/ too: only the mark tells that this one is the backup's.
        is_begun = (folder / _BEGUN).exists()
        names = sorted(path.name for path in _entries(folder))
        foreign = [name for name in names if not (_is_ours(name) if is_begun else name == LOCK)]
        if foreign:
            raise StorageError(f"{folder} holds other files ({foreign[0]}) and no backup: name an empty folder.")
        return
    with read_transaction(archive.engine) as connection:
        if former.began_at not in (None, _began_at(connection)):
            raise StorageError(f"{folder} holds the backup of another archive: name another folder.")


def _is_ours(name: str) -> bool:
    return name in _OWN or name.startswith(_UNFINISHED) or _is_database(name)


def _is_database(name: str) -> bool:
    return re.match(DATABASE_NAME, name) is not None


def _begin(folder: Path) -> None:
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if read_manifest(folder) is None:
            (folder / _BEGUN).touch()


def _entries(folder: Path) -> Iterator[Path]:
    with disk_errors(folder):
        yield from folder.iterdir() if folder.exists() else ()


def _began_at(connection: Connection) -> datetime | None:
    return connection.scalar(select(Run.started_at).order_by(Run.id).limit(1))


def _copied(archive: Archive, folder: Path, show: Show) -> _Found:
    """Copy database and documents. What was given up between the two is in neither: that takes a newer snapshot."""
    path = folder / _UNFINISHED
    for _ in range(_TRIES):
        with snapshot(archive.engine) as source:
            write_database(source, path, show)
        found = _copy_documents(path, archive.raw, backup_store(folder), show)
        with read_transaction(archive.engine) as connection:
            if all(is_document(connection, digest) for digest in found.lost):
                return found
    raise StorageError("Documents are given up faster than they are copied: try again when no run is at work.")


def _copy_documents(database: Path, raw: RawStore, store: RawStore, show: Show) -> _Found:
    found = _Found()
    with read_only(database) as connection:
        for digest in show(named_documents(connection), count_documents(connection), "Copying documents"):
            try:
                found.copied += store.take(raw, digest)
            except (NotFound, DocumentDamaged) as error:  # not the disk's, which end the backup
                _settle(error, digest, store, found)
                continue
            found.count += 1
            found.size_bytes += store.size_bytes(digest)
    return found


def _settle(error: NotFound | DocumentDamaged, digest: str, store: RawStore, found: _Found) -> None:
    """Keep what an earlier backup has of a document that the archive has lost."""
    if store.verify(digest) is None:
        found.count += 1
        found.size_bytes += store.size_bytes(digest)
    else:
        found.lost[digest] = str(error)


def named_documents(connection: Connection) -> Iterator[str]:
    """Give the digests that a copy names, in order."""
    last = ""
    while page := document_digests(connection, after=last):
        yield from page
        last = page[-1]


def _manifest(archive: Archive, database: Path, found: _Found, context: BackupContext) -> Manifest:
    with read_only(database) as connection:
        tables, began_at = count_rows(connection), _began_at(connection)
    digest = digest_of(database)
    return Manifest(
        created_at=context.now,
        software=context.software,
        source=archive.engine.dialect.name,
        revision=code_revision(),
        began_at=began_at,
        database=DatabaseCopy(file=f"database-{digest[:16]}.sqlite", sha256=digest, size_bytes=database.stat().st_size),
        tables=tables,
        documents=Documents(count=found.count, size_bytes=found.size_bytes, missing=tuple(found.lost)),
    )


def _put_in_place(folder: Path, unfinished: Path, manifest: Manifest) -> None:
    draft = folder / f"{NAME}.unfinished"
    with disk_errors(folder):
        unfinished.replace(folder / manifest.database.file)
        with draft.open("w", encoding="utf-8") as file:
            file.write(manifest.model_dump_json(indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / NAME)
        (folder / _BEGUN).unlink(missing_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _drop_the_rest(folder: Path, manifest: Manifest) -> int:
    """Remove what the backup that now stands does not name; return how many documents."""
    with disk_errors(folder):
        for path in folder.iterdir():
            if _is_database(path.name) and path.name != manifest.database.file:
                path.unlink()
    store, dropped = backup_store(folder), 0
    with read_only(folder / manifest.database.file) as connection:
        named = frozenset(named_documents(connection))
    for digest in list(store.digests()):
        if digest not in named:
            store.delete(digest)
            dropped += 1
    return dropped

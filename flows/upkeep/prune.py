"""Housekeeping: old requests, documents that nothing names, files that a crash left. A night may be at work beside."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from msgspec import Struct
from sqlalchemy import Engine

from config.settings import Settings
from flows.runs.database import ready_engine
from flows.runs.locks import archive_lock
from models.archive.ledger.documents import unnamed
from models.archive.ledger.pruning import count_old_fetches, delete_old_fetches
from models.storage.database import batches, read_transaction, write_transaction
from models.storage.raw_store import RawStore

KEEP_FETCHES: Final = timedelta(days=90)
LEFT_OVER: Final = timedelta(days=1)  # what is younger may be in the hands of a night


class Pruned(Struct, frozen=True, kw_only=True):
    """What was given up, or would be."""

    fetches: int  # rows
    documents: int
    temp_files: int
    freed_bytes: int  # that the documents and files take on the disk


def prune(settings: Settings, now: datetime, *, is_rehearsal: bool = False) -> Pruned:
    """Give up what nothing needs. Raise StorageError, or LockHeld while the archive is restored or migrated."""
    raw = RawStore(settings.home / "raw", settings.home / "tmp")
    with ready_engine(settings) as engine, archive_lock(engine, "prune"):
        fetches = _prune_fetches(engine, now - KEEP_FETCHES, is_rehearsal=is_rehearsal)
        documents = _prune_documents(engine, raw, now - LEFT_OVER, is_rehearsal=is_rehearsal)
        files = _prune_temp_files(settings.home / "tmp", now - LEFT_OVER, is_rehearsal=is_rehearsal)
    return Pruned(
        fetches=fetches,
        documents=len(documents),
        temp_files=len(files),
        freed_bytes=sum(documents) + sum(files),
    )


def _prune_fetches(engine: Engine, before: datetime, *, is_rehearsal: bool) -> int:
    if is_rehearsal:
        with read_transaction(engine) as connection:
            return count_old_fetches(connection, before)
    count = 0
    while True:
        with write_transaction(engine) as connection:
            gone = delete_old_fetches(connection, before)
        if not gone:
            return count
        count += gone


def _prune_documents(engine: Engine, raw: RawStore, before: datetime, *, is_rehearsal: bool) -> list[int]:
    """Return the sizes of the documents that go."""
    sizes: list[int] = []
    for batch in batches(raw.digests()):
        with read_transaction(engine) as connection:
            doomed = [digest for digest in unnamed(connection, batch) if raw.is_older(digest, before)]
        found = {digest: raw.size_bytes(digest) for digest in doomed}
        if not is_rehearsal and doomed:
            # In a turn of the writer, so that none is being named meanwhile.
            with write_transaction(engine) as connection:
                doomed = [digest for digest in unnamed(connection, doomed) if raw.delete_older(digest, before)]
        sizes += [found[digest] for digest in doomed]
    return sizes


def _prune_temp_files(folder: Path, before: datetime, *, is_rehearsal: bool) -> list[int]:
    """Return the sizes of the files that go."""
    doomed = list(_left_over(folder, before))
    sizes = [path.stat().st_size for path in doomed]
    for path in doomed if not is_rehearsal else ():
        path.unlink(missing_ok=True)
    return sizes


def _left_over(folder: Path, before: datetime) -> Iterator[Path]:
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_file() and path.stat().st_mtime < before.timestamp():
            yield path

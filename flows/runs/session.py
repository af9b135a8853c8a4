"""Access to the archive within a run: one database writer, readers, the raw store and the clock."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine

from models.errors import DatabaseUnreachable
from models.storage.database import forget_pages, read_transaction, write_transaction
from models.storage.raw_store import RawStore

T = TypeVar("T")
P = ParamSpec("P")
Work = Callable[Concatenate[Connection, P], T]
Guard = Callable[[Connection], None]
MAX_READERS: Final = 6  # of the 15 connections that SQLAlchemy's pool may open


def utc_now() -> datetime:
    """Return the time by the machine's clock."""
    return datetime.now(UTC)


class ArchiveSession:
    """The archive as a run uses it: one writer thread and any number of readers, none of them on the event loop."""

    def __init__(self, engine: Engine, raw: RawStore, clock: Callable[[], datetime] = utc_now) -> None:
        self.engine = engine
        self.raw = raw
        self.clock = clock
        self.guard: Guard | None = None  # where it raises, a transaction is undone before it has begun its work
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archive-writer")
        self._readers = ThreadPoolExecutor(max_workers=MAX_READERS, thread_name_prefix="archive-reader")

    async def write(self, work: Work[P, T], *args: P.args, **options: P.kwargs) -> T:
        """Run work(connection, ...) as one transaction, after all others. A lost connection repeats it whole, once."""
        one = partial(self._write, work, *args, **options)
        return await asyncio.get_running_loop().run_in_executor(self._writer, one)

    async def read(self, work: Work[P, T], *args: P.args, **options: P.kwargs) -> T:
        """Run work(connection, ...) on one consistent view of the archive."""
        one = partial(self._read, work, *args, **options)
        return await asyncio.get_running_loop().run_in_executor(self._readers, one)

    def rest(self) -> None:
        """Let go of what the database keeps in memory; work after this reads it again."""
        forget_pages(self.engine)

    def close(self) -> None:
        """Wait for the writer and the readers to end: one whose task was cancelled still holds its connection."""
        self._writer.shutdown()
        self._readers.shutdown()

    def _write(self, work: Work[P, T], *args: P.args, **options: P.kwargs) -> T:
        try:
            return self._write_once(work, *args, **options)
        except DatabaseUnreachable:
            return self._write_once(work, *args, **options)

    def _write_once(self, work: Work[P, T], *args: P.args, **options: P.kwargs) -> T:
        with write_transaction(self.engine) as connection:
            if self.guard is not None:
                self.guard(connection)
            return work(connection, *args, **options)

    def _read(self, work: Work[P, T], *args: P.args, **options: P.kwargs) -> T:
        with read_transaction(self.engine) as connection:
            return work(connection, *args, **options)


class DryRunSession(ArchiveSession):
    """A session for dry runs: all reads and writes share one transaction, which is rolled back at the end."""

    def __init__(self, engine: Engine, raw: RawStore, clock: Callable[[], datetime] = utc_now) -> None:
        self._stack = ExitStack()
        super().__init__(engine, _DraftStore(raw, Path(self._stack.enter_context(TemporaryDirectory()))), clock)
        self._connection: Connection | None = None

    async def read(self, work: Work[P, T], *args: P.args, **options: P.kwargs) -> T:
        """Run work among the writes, which nobody else can see."""
        return await self.write(work, *args, **options)

    def close(self) -> None:
        """Undo everything, then wait as the other session does."""
        self._writer.submit(self._undo).result()
        super().close()

    def _write(self, work: Work[P, T], *args: P.args, **options: P.kwargs) -> T:
        if self._connection is None:
            self._connection = self._stack.enter_context(write_transaction(self.engine))
        with self._connection.begin_nested():
            return work(self._connection, *args, **options)

    def _undo(self) -> None:
        if self._connection is not None:
            self._connection.rollback()
        self._stack.close()


class _DraftStore(RawStore):
    """A raw store that reads from the archive's and writes elsewhere."""

    def __init__(self, kept: RawStore, folder: Path) -> None:
        super().__init__(folder / "raw", folder / "tmp")
        self._kept = kept

    def get(self, digest: str) -> bytes:
        """Return a document of either store."""
        return super().get(digest) if super().has(digest) else self._kept.get(digest)

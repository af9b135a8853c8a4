"""The session of a run: its threads end with it."""

import asyncio
from pathlib import Path
from threading import Event, Timer

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.pool import QueuePool

from flows.runs.session import ArchiveSession
from models.storage.database import create_database_engine
from models.storage.raw_store import RawStore


async def test_a_read_that_was_cancelled_gives_its_connection_back_before_the_end(tmp_path: Path) -> None:
    """Whoever disposes of the engine after the session finds no connection still in use."""
    engine = create_database_engine(f"sqlite:///{tmp_path / 'archive.db'}")
    session = ArchiveSession(engine, RawStore(tmp_path / "raw", tmp_path / "tmp"))
    begun, may_end = Event(), Event()

    def read_slowly(connection: Connection) -> None:
        connection.execute(text("SELECT 1"))
        begun.set()
        may_end.wait(60)

    reading = asyncio.create_task(session.read(read_slowly))
    assert await asyncio.to_thread(begun.wait, 60)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    assert isinstance(engine.pool, QueuePool)
    assert engine.pool.checkedout() == 1
    Timer(0.05, may_end.set).start()
    session.close()
    assert engine.pool.checkedout() == 0
    engine.dispose()


async def test_a_session_at_rest_keeps_no_pages_and_goes_on(tmp_path: Path) -> None:
    """Each connection to SQLite's file keeps some megabytes of it, which the second reader has more use for."""
    engine = create_database_engine(f"sqlite:///{tmp_path / 'archive.db'}")
    session = ArchiveSession(engine, RawStore(tmp_path / "raw", tmp_path / "tmp"))
    await session.read(_answer)
    assert isinstance(engine.pool, QueuePool)
    assert engine.pool.checkedin() == 1
    session.rest()
    assert engine.pool.checkedin() == 0
    assert await session.read(_answer) == 42
    session.close()
    engine.dispose()


def _answer(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT 42")) or 0)

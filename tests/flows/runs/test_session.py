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

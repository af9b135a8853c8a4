"""Small writes done together: each hears of what became of it, and an error that nobody hears ends quietly."""

import asyncio
import gc
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from flows.runs.gathered import GatheredWrites
from flows.runs.session import ArchiveSession
from models.storage.database import create_database_engine
from models.storage.raw_store import RawStore


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[ArchiveSession]:
    """Open a session over an archive of one table that refuses to hold a number twice."""
    engine = create_database_engine(f"sqlite:///{tmp_path / 'archive.db'}")
    session = ArchiveSession(engine, RawStore(tmp_path / "raw", tmp_path / "tmp"))
    await session.write(lambda connection: connection.execute(text("CREATE TABLE told (number INTEGER PRIMARY KEY)")))
    yield session
    session.close()
    engine.dispose()


def _tell(connection: Connection, numbers: Sequence[int]) -> Sequence[int]:
    if min(numbers) < 0:
        raise ValueError("a negative number")
    connection.execute(text("INSERT INTO told VALUES (:number)"), [{"number": number} for number in numbers])
    return [number * 2 for number in numbers]


async def test_each_gets_its_own_result(session: ArchiveSession) -> None:
    """Three that come in together are written by one statement, and each is told of its own."""
    gathered = GatheredWrites(session, _tell)
    assert await asyncio.gather(*(gathered.write(number) for number in (3, 1, 2))) == [6, 2, 4]


async def test_an_error_is_raised_for_each_and_nothing_is_written(session: ArchiveSession) -> None:
    """One that cannot be written takes the others with it: they may try again alone."""
    gathered = GatheredWrites(session, _tell)
    told = await asyncio.gather(gathered.write(1), gathered.write(-1), return_exceptions=True)
    assert [str(error) for error in told] == ["a negative number"] * 2
    assert await gathered.write(1) == 2


async def test_an_error_for_which_nobody_waits_is_no_trouble_of_the_loop(session: ArchiveSession) -> None:
    """All who waited were cancelled: asyncio has nothing to complain of."""
    complaints: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, complaint: complaints.append(complaint))
    gathered = GatheredWrites(session, _tell)
    waiting = asyncio.create_task(gathered.write(-1))
    await asyncio.sleep(0)  # it is waiting now
    waiting.cancel()
    await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()})  # for the write too, whose task is nobody's
    with pytest.raises(asyncio.CancelledError):
        await waiting
    gc.collect()
    assert not complaints

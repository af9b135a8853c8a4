"""A small archive made by hand, and the real application over it, asked in this process."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from config.settings import Secret, Settings
from flows.cli.archive import raw_store
from flows.web.app import make_app
from flows.web.reading import ReadingRoom
from flows.web.safety import names_of
from models.migrations.migrate import upgrade
from models.reports import RunStatus
from models.stages import Relevance
from models.storage.database import create_database_engine, write_transaction
from tests.builders import NOON, Archive, Piece

SEA = Piece(
    text="The sea level rises by 11 centimetres, and the coast with its towns must move.\n\nNobody is sure where to."
)
SEA_CORRECTED = replace(SEA, text=SEA.text.replace("11 centimetres", "9 centimetres"))
HOSTILE = Piece(
    title='a "methane" <1 & \u202eco',
    text='Methane <img src=x onerror=alert(1)> leaks.\n\n"Nobody" looks & <b>waits</b>.',
    url="https://one.example/red?a=1&b=<2>",
    authors=("Eve <eve@example.org>",),
    topics=("energy", "policy"),
    needs_review=True,
)
SPANISH = Piece(
    title="El mar sube",
    text="El nivel del mar sube en la costa.",
    url="https://two.example/mar",
    topics=("science", "policy"),
    language="es",
    published_at=NOON - timedelta(days=2),
)
NEAR = Piece(title="A river", text="The river is high.", url="https://two.example/river", is_relevant=False)
ADDRESS = "127.0.0.1:4280"
NOW = datetime(2026, 7, 16, 6, tzinfo=UTC)


class Reader:
    """Asks an application in this process, and follows no redirect by itself."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        """Ask, as a browser or a program does."""
        return asyncio.run(self._ask(method, path, **given))

    def get(self, path: str, **given: Any) -> httpx.Response:
        """Read."""
        return self.request("GET", path, **given)

    async def _ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=self._app)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{ADDRESS}") as client:
            return await client.request(method, path, **given)


def fill(archive: Archive) -> None:
    """Have two nights: three stories and a near miss, then a correction, and a feed that fails."""
    one, two = archive.feed("one"), archive.feed("two", relevance=Relevance.GATE)
    run = archive.begin()
    archive.show(run, one, SEA, HOSTILE)
    archive.show(run, two, SPANISH, NEAR, replace(SEA, guid="other"))
    archive.end(run, RunStatus.COMPLETED)
    archive.now += timedelta(days=1)
    archive.night(one, SEA_CORRECTED)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory, archive_of: Callable[[Path], str]) -> Iterator[ReadingRoom]:
    """Give an open archive."""
    home = tmp_path_factory.mktemp("reading")
    url = archive_of(home)
    engine = create_database_engine(url)
    upgrade(engine)
    engine.dispose()
    with filled(home, url) as opened:
        yield opened


@contextmanager
def filled(home: Path, url: str) -> Iterator[ReadingRoom]:
    """Fill an archive that has its tables, and open it."""
    engine = create_database_engine(url)
    with write_transaction(engine) as connection:
        fill(Archive(connection))
    settings = Settings(home=home, database_url=Secret(url))
    yield ReadingRoom(settings=settings, engine=engine, raw=raw_store(settings), clock=lambda: NOW)
    engine.dispose()


@pytest.fixture
def client(room: ReadingRoom) -> Reader:
    """Give a reader of the pages."""
    return Reader(make_app(room, names_of("127.0.0.1", 4280, ())))

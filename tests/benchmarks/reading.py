"""How long the pages take on the server, warm, over an archive on SQLite: each page's 95th percentile.

Run as a module with numbers of stories it measures each of them: `python -m tests.benchmarks.reading 100000`.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Final

import httpx

from config.settings import Settings
from config.topics import load_topics
from flows.cli.archive import raw_store
from flows.web.app import make_app
from flows.web.reading import ReadingRoom
from flows.web.safety import names_of
from models.archive.ledger.feeds import sync_topics
from models.stages import FeedSpec
from models.storage.database import write_transaction
from tests.benchmarks._archive import closing_engine, migrate
from tests.benchmarks.material import make_text
from tests.benchmarks.measures import Measurement
from tests.builders import NOON, Archive, Piece

NAME = "reading"
STORIES: Final = 4_000
LENGTH: Final = 1500  # characters
_AIM_MS: Final = 150.0
_NIGHTS: Final = 20
_FEEDS: Final = 8
_ADDRESS: Final = "127.0.0.1:4280"
_PAGES: Final = (
    *("/", "/search", "/search?q=methane", "/search?q=sea+level&order=newest", "/search?topic=policy", "/corrections"),
    *("/topics", "/topics/policy", "/languages/en", "/outlets", "/outlets/feed-1", "/runs", "/runs/latest", "/health"),
    *("/about", "/story/17", "/api/search?q=storm", "/api/counts", "/api/changes"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    path: str
    p95_ms: float
    packed_bytes: int


def measure(rounds: int) -> Iterator[Measurement]:
    """Ask every page of an archive again and again; it is built once, whatever the rounds."""
    slowest = max(_pages(STORIES, 5 * rounds), key=lambda page: page.p95_ms)
    what = f"p95 of {STORIES} stories' slowest page, {slowest.path}"
    yield Measurement(benchmark=NAME, what=what, values=(slowest.p95_ms,), unit="ms")


def _pages(count: int, times: int) -> list[_Page]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        _build(folder, count)
        settings = Settings(home=folder)
        with closing_engine(settings.sqlalchemy_url) as engine:
            now = NOON + timedelta(days=_NIGHTS)
            room = ReadingRoom(settings=settings, engine=engine, raw=raw_store(settings), clock=lambda: now)
            app = make_app(room, names_of("127.0.0.1", 4280, ()))
            return asyncio.run(_asked(app, times))


async def _asked(app: object, times: int) -> list[_Page]:
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    found = []
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{_ADDRESS}", follow_redirects=True) as client:
        for path in _PAGES:
            answer = await client.get(path)
            assert answer.status_code == 200, path
            spent = [await _spent_ms(client, path) for _ in range(times)]
            packed = int(answer.headers.get("content-length", 0))
            found.append(_Page(path=path, p95_ms=quantiles(spent, n=20)[-1], packed_bytes=packed))
    return found


async def _spent_ms(client: httpx.AsyncClient, path: str) -> float:
    began = time.perf_counter()
    await client.get(path)
    return (time.perf_counter() - began) * 1000


def _build(folder: Path, count: int) -> None:
    url = f"sqlite:///{folder / 'archive.db'}"
    migrate(url)
    a_night = max(1, count // _NIGHTS)
    specs: list[FeedSpec] = []
    with closing_engine(url) as engine:
        for night in range(_NIGHTS):
            with write_transaction(engine) as connection:
                archive = Archive(connection, now=NOON + timedelta(days=night))
                specs = specs or [archive.feed(f"feed-{number}") for number in range(_FEEDS)]
                run_id = archive.begin()
                pieces = [_piece(number, archive) for number in range(night * a_night, (night + 1) * a_night)]
                for place, feed in enumerate(specs):
                    archive.show(run_id, feed, *pieces[place::_FEEDS])
                archive.end(run_id)
                if night == 0:
                    sync_topics(connection, load_topics())


def _piece(number: int, archive: Archive) -> Piece:
    made = make_text(number, LENGTH)
    topics = (("policy", "science"), ("science",), ("energy", "policy"))[number % 3]
    piece = Piece(title=made.title, text=made.text, url=f"https://one.example/news/{number}", topics=topics)
    return replace(piece, published_at=archive.now - timedelta(hours=number % 40))


if __name__ == "__main__":
    for asked in map(int, sys.argv[1:]):
        for page in _pages(asked, 20):
            mark = "" if page.p95_ms <= _AIM_MS else "  over the aim"
            sys.stdout.write(f"{asked} {page.path:<36}{page.p95_ms:8.1f} ms {page.packed_bytes:8} bytes{mark}\n")

"""How long the pages and the API take on the server, over a large archive on SQLite: each one's 95th percentile.

Each is asked `warm`, as all readers but the first meet it, and `first`, with nothing kept of what the pages count once:
as whoever comes first after a night, or with words that nobody has searched for. The aim is of `warm`. Processor time
is told beside time by the clock, which says much of the machine's other work. `paint` is what a browser has to load
before it shows the page: itself and its styles, packed; it needs no script.

Run as a module it tells of every page: `python -m tests.benchmarks.reading`.
"""

import asyncio
import gc
import re
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Final

import click
import httpx
from msgspec import Struct
from sqlalchemy import select

from config.settings import Secret, Settings, WebSettings
from flows.cli.archive import raw_store
from flows.upkeep.telling.after_night import look_after
from flows.web.app import make_app
from flows.web.reading import ReadingRoom
from flows.web.safety import names_of
from models.queries.ledger.runs import run_report
from models.storage.database import read_transaction
from models.tables.stories import Story
from tests.benchmarks._archive import closing_engine
from tests.benchmarks.large.build import build
from tests.benchmarks.measures import Measurement

NAME = "reading"
STORIES: Final = 100_000
AIM_MS: Final = 150.0
AIM_BYTES: Final = 60_000
_ADDRESS: Final = "127.0.0.1:4280"
_TOKEN: Final = "a token of a good length, for a benchmark"
_WATCHES: Final = """watches:
  - {name: one-topic, topics: [policy], to: [atom]}
  - {name: words, query: "methane OR permafrost", languages: [en], to: [atom]}
"""
# UID stands for a story that was corrected, COPIED for one that has copies.
PAGES: Final = (
    *("/", "/?run=1", "/search", "/search?order=newest", "/search?q=climate", "/search?q=climate&order=newest"),
    *("/search?q=emissions", "/search?q=methane", "/search?q=peatland", "/search?q=%22climate+flood%22"),
    *("/search?q=emissions+OR+flood+-methane", "/search?q=perma*", "/search?q=zebra", "/search?q=zebra+climate"),
    *("/search?topic=policy", "/search?feed=feed-001", "/search?lang=de", "/search?corrected=1"),
    *("/search?needs-review=1", "/search?near-misses=1", "/search?near-misses=1&q=climate"),
    *("/search?since=2021-05-01&until=2021-05-31", "/search?q=climate&topic=policy&lang=en&corrected=1"),
    *("/story/UID", "/story/COPIED", "/story/UID/versions", "/story/UID/versions?view=side", "/story/UID/cite?as=ris"),
    *("/corrections", "/corrections?kind=number", "/watches", "/watches/one-topic", "/watches/words"),
    *("/topics", "/topics/policy", "/languages/en", "/languages/ja", "/outlets", "/outlets/feed-001"),
    *("/runs", "/runs?before=200", "/runs/latest", "/acts", "/health", "/about", "/hand", "/api", "/no-page"),
)
PROGRAMS: Final = (
    *("/api/search?q=climate", "/api/search?order=newest&limit=100", "/api/stories?limit=100", "/api/stories/UID"),
    *("/api/stories/UID/versions", "/api/facets", "/api/facets?q=climate", "/api/counts", "/api/counts?by=feed"),
    *("/api/counts?by=day&topic=policy", "/api/changes", "/api/changes?limit=500", "/api/feeds", "/api/topics"),
    *("/api/runs", "/api/runs/latest", "/api/acts", "/api/watches", "/api/watches/words", "/api/openapi.json"),
    *("/feed.atom", "/feed.jsonfeed?q=climate", "/feed.atom?topic=policy", "/watches/words.atom"),
)
FILES: Final = ("/export.csv", "/export.jsonl", "/export.csv?q=climate&topic=policy")  # up to their first byte


class Asked(Struct, frozen=True, kw_only=True):
    """What an address cost."""

    path: str
    warm_ms: float  # 95th percentiles
    warm_cpu_ms: float
    first_ms: float
    first_cpu_ms: float
    packed_bytes: int
    paint_bytes: int


class _Open(Struct, frozen=True, kw_only=True):
    """Pages over an archive, and the stories that stand for all of their kind."""

    room: ReadingRoom
    client: httpx.AsyncClient
    named: dict[str, str]


def measure(rounds: int) -> Iterator[Measurement]:
    """Ask every address of a large archive again and again; it is built once, whatever the rounds."""
    with TemporaryDirectory() as name:
        build(f"sqlite:///{Path(name) / 'archive.db'}", STORIES)
        pages = list(_measured(Path(name), (*PAGES, *PROGRAMS), 4 * rounds))
    costs: dict[str, Callable[[Asked], float]] = {
        "warm": lambda page: page.warm_cpu_ms,
        "first": lambda page: page.first_cpu_ms,
    }
    for what, cost in costs.items():
        slowest = max(pages, key=cost)
        aim = AIM_MS if what == "warm" else None
        said = f"p95 of {STORIES} stories' slowest address, {what}: {slowest.path}"
        yield Measurement(benchmark=NAME, what=said, values=(cost(slowest),), unit="ms", aim=aim)
    largest = max(pages, key=lambda page: page.paint_bytes)
    said = f"what a browser loads before it shows {largest.path}, packed"
    yield Measurement(benchmark=NAME, what=said, values=(largest.paint_bytes / 1000,), unit="kB", aim=AIM_BYTES / 1000)


def _measured(home: Path, paths: tuple[str, ...], times: int) -> Iterator[Asked]:
    with _opened(home) as room, asyncio.Runner() as runner:
        client = runner.run(_client_of(room))
        opened = _Open(room=room, client=client, named=_named(room))
        for path in paths:
            yield runner.run(_ask(opened, path, times))
        runner.run(client.aclose())


@contextmanager
def _opened(home: Path) -> Iterator[ReadingRoom]:
    """Open the pages of an archive some hours after its last night, which has looked for what is watched."""
    gc.freeze()  # as the command does with what it has imported
    (home / "watches.yaml").write_text(_WATCHES)
    web = WebSettings(token=Secret(_TOKEN))
    settings = Settings(home=home, web=web, watches_file=home / "watches.yaml")
    with closing_engine(settings.sqlalchemy_url) as engine:
        with read_transaction(engine) as connection:
            report = run_report(connection, "latest")
        look_after(settings, report, _tell_nobody)
        now = report.started_at + timedelta(hours=3)
        yield ReadingRoom(settings=settings, engine=engine, raw=raw_store(settings), clock=lambda: now)


def _tell_nobody(_address: str, _title: str, _text: str) -> None:
    """Take what would be sent: no watch of these has anybody who is told."""


async def _client_of(room: ReadingRoom) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=make_app(room, names_of("127.0.0.1", 4280, ())))
    return httpx.AsyncClient(transport=transport, base_url=f"http://{_ADDRESS}")


def _named(room: ReadingRoom) -> dict[str, str]:
    with room.view() as connection:
        uids = select(Story.uid).where(Story.relevant_at.is_not(None)).order_by(Story.id.desc()).limit(1)
        corrected = connection.scalar(uids.where(Story.revisions > 0))
        copied = connection.scalar(uids.where(Story.cluster_id != Story.id))
    return {"UID": corrected or "", "COPIED": copied or ""}


async def _ask(opened: _Open, path: str, times: int) -> Asked:
    address = path
    for name, uid in opened.named.items():
        address = address.replace(name, uid)
    answer = await opened.client.get(address)
    assert answer.status_code == (404 if path == "/no-page" else 200), (address, answer.text[:500])
    await opened.client.get(address)  # whatever any first call loads is loaded
    first = [await _spent(opened, address, opened.room.shelf.clear) for _ in range(times)]
    warm = [await _spent(opened, address) for _ in range(times)]
    packed = int(answer.headers.get("content-length", 0))
    return Asked(
        path=path,
        warm_ms=_p95([clock for clock, _ in warm]),
        warm_cpu_ms=_p95([cpu for _, cpu in warm]),
        first_ms=_p95([clock for clock, _ in first]),
        first_cpu_ms=_p95([cpu for _, cpu in first]),
        packed_bytes=packed,
        paint_bytes=packed + await _styles_bytes(opened, answer) if path in PAGES else 0,
    )


async def _spent(opened: _Open, address: str, before: Callable[[], None] = lambda: None) -> tuple[float, float]:
    before()
    clock, cpu = time.perf_counter(), _cpu_s()
    async with opened.client.stream("GET", address) as answer:
        async for _ in answer.aiter_raw():
            break
        spent = time.perf_counter() - clock, _cpu_s() - cpu
        await answer.aread() if not answer.is_stream_consumed else None
    return spent[0] * 1000, spent[1] * 1000


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def _styles_bytes(opened: _Open, page: httpx.Response) -> int:
    links = re.findall(r'<link rel="stylesheet" href="([^"]+)">', page.text)
    sizes = [int((await opened.client.get(link)).headers["content-length"]) for link in links]
    return sum(sizes)


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[-1]


@click.command()
@click.option("--home", type=click.Path(path_type=Path), help="A folder to keep the archive in, for the next time.")
@click.option("--stories", default=STORIES, show_default=True)
@click.option("--times", default=20, show_default=True, help="How often each address is asked, of each kind.")
@click.option("--only", multiple=True, help="Addresses that begin so.")
def main(home: Path | None, stories: int, times: int, only: tuple[str, ...]) -> None:
    """Tell what every address costs, and mark what is over its aim."""
    with TemporaryDirectory() as name:
        folder = home or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        build(f"sqlite:///{folder / 'archive.db'}", stories)
        paths = tuple(one for one in (*PAGES, *PROGRAMS, *FILES) if not only or one.startswith(only))
        head = "".join(f"{name:>7}" for name in ("warm", "cpu", "first", "cpu"))
        click.echo(f"{f'p95 in ms, of {stories} stories':<54}{head} kB packed  paint")
        for page in _measured(folder, paths, times):
            costs = (page.warm_ms, page.warm_cpu_ms, page.first_ms, page.first_cpu_ms)
            told = "".join(f"{one:7.0f}" for one in costs)
            is_over = page.warm_cpu_ms > AIM_MS or page.paint_bytes > AIM_BYTES
            sizes = f"{page.packed_bytes / 1000:10.1f}{page.paint_bytes / 1000:7.1f}"
            click.echo(f"{page.path:<54}{told}{sizes}{'  over the aim' if is_over else ''}")


if __name__ == "__main__":
    main()

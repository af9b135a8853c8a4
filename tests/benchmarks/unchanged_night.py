"""What an unchanged night costs in load CPU, against the first: the same entries in documents with other bytes."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import make_url

from tests.benchmarks._archive import closing_engine, load, migrate, night_at, prefiltered
from tests.benchmarks.costs import Cost, cost_of
from tests.benchmarks.measures import Bound, Measurement
from tests.postgresql import TestServer, test_server

NAME = "unchanged"
_RATIOS = {"SQLite": 7.0, "PostgreSQL": 18.0}


def measure(rounds: int) -> Iterator[Measurement]:
    """Load a night and the same again, on both databases, each time into a new one."""
    with TemporaryDirectory() as folder, test_server() as server:
        template = server.create()
        migrate(template)
        nights = {"SQLite": partial(_on_sqlite, Path(folder)), "PostgreSQL": partial(_on_postgresql, server, template)}
        pairs = [{name: work() for name, work in nights.items()} for _ in range(rounds)]
    for name, aim in _RATIOS.items():
        cpu = tuple(pair[name][0].cpu_s / pair[name][1].cpu_s for pair in pairs)
        wall = tuple(pair[name][0].wall_s / pair[name][1].wall_s for pair in pairs)
        yield Measurement(
            benchmark=NAME, what=f"{name}: cheaper in CPU", values=cpu, unit="x", aim=aim, bound=Bound.AT_LEAST
        )
        yield Measurement(benchmark=NAME, what=f"{name}: faster", values=wall, unit="x")


def _on_sqlite(folder: Path) -> tuple[Cost, Cost]:
    for old in folder.glob("archive.db*"):
        old.unlink()
    url = f"sqlite:///{folder / 'archive.db'}"
    migrate(url)
    return _two_nights(url)


def _on_postgresql(server: TestServer, template: str) -> tuple[Cost, Cost]:
    url = server.create(str(make_url(template).database))
    try:
        return _two_nights(url)
    finally:
        server.drop(url)


def _two_nights(url: str) -> tuple[Cost, Cost]:
    return _night(url, 1), _night(url, 2)


def _night(url: str, edition: int) -> Cost:
    with closing_engine(url) as engine, night_at(engine) as run:
        return cost_of(lambda: load(run, prefiltered(run, edition)))

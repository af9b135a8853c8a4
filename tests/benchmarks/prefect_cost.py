"""What Prefect adds to a night of 200 feeds and 5,000 stories, against the same night by `--direct`.

Each night has its own process and data folder. A night of one feed without entries, by the same means, is what
starting up costs; it is taken out of both.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from tests.benchmarks.costs import Cost, cost_of_command, interleaved
from tests.benchmarks.measures import Measurement
from tests.benchmarks.site import Offer, Site, served

NAME = "prefect"
FEEDS, ENTRIES = 200, 25
OFFER = Offer(feeds=FEEDS, entries=ENTRIES, hosts=100)

_EXTRA_CPU_PERCENT = 20.0
_TASK_RUNS = 45


def measure(rounds: int) -> Iterator[Measurement]:
    """Run nights with and without Prefect, turn and turn about."""
    task_runs: list[float] = []
    with served(OFFER) as site, TemporaryDirectory() as compiled:
        run = partial(_night, site, compiled)
        empty, whole = (site.empty_url,), site.urls
        run(empty, task_runs=[])  # compiles every module
        costs = interleaved(
            rounds,
            {
                "direct start": partial(run, empty),
                "prefect start": partial(run, empty, task_runs=[]),
                "direct": partial(run, whole),
                "prefect": partial(run, whole, task_runs=task_runs),
            },
        )
    pairs = [(cost["direct"] - cost["direct start"], cost["prefect"] - cost["prefect start"]) for cost in costs]
    cpu = tuple(100 * (prefect.cpu_s / direct.cpu_s - 1) for direct, prefect in pairs)
    wall = tuple(100 * (prefect.wall_s / direct.wall_s - 1) for direct, prefect in pairs)
    starts = tuple(cost["prefect start"].cpu_s - cost["direct start"].cpu_s for cost in costs)
    yield Measurement(benchmark=NAME, what="extra CPU of a night", values=cpu, unit="%", aim=_EXTRA_CPU_PERCENT)
    yield Measurement(
        benchmark=NAME,
        what="extra CPU of a night, absolute",
        values=tuple(prefect.cpu_s - direct.cpu_s for direct, prefect in pairs),
        unit="s",
    )
    yield Measurement(benchmark=NAME, what="extra time of a night", values=wall, unit="%")
    yield Measurement(benchmark=NAME, what="extra CPU of its start", values=starts, unit="s")
    yield Measurement(
        benchmark=NAME, what="CPU of the night itself", values=tuple(direct.cpu_s for direct, _ in pairs), unit="s"
    )
    yield Measurement(benchmark=NAME, what="task runs", values=tuple(task_runs), unit="runs", aim=_TASK_RUNS)


def _night(site: Site, compiled: str, urls: tuple[str, ...], *, task_runs: list[float] | None = None) -> Cost:
    """Run one night, by Prefect where its task runs are to be counted."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        feeds = folder / "feeds.yaml"
        feeds.write_text(yaml.safe_dump({"feeds": [_feed(number, url) for number, url in enumerate(urls)]}))
        environment = {
            "PYTHONPYCACHEPREFIX": compiled,
            "CLIMATE_ARCHIVE_HOME": str(folder / "data"),
            "CLIMATE_ARCHIVE_FEEDS_FILE": str(feeds),
            "CLIMATE_ARCHIVE_FETCH__HOST_INTERVAL_S": "0",
            "CLIMATE_ARCHIVE_FETCH__PER_HOST": str(site.per_host),
            "CLIMATE_ARCHIVE_FETCH__ALLOW_PRIVATE": ",".join(site.addresses),
        }
        means = ["--direct"] if task_runs is None else []
        cost, output = cost_of_command(["flows", "run", "--json", *means], environment, folder)
        new = json.loads(output)["totals"]["new"]
        if new != (FEEDS * ENTRIES if len(urls) == FEEDS else 0):
            raise RuntimeError(f"the night brought {new} stories")
        if task_runs is not None:
            task_runs.append(_task_runs(folder / "data" / "prefect" / "prefect.db"))
        return cost


def _feed(number: int, url: str) -> dict[str, object]:
    return {
        "id": f"feed-{number}",
        "name": f"Feed {number}",
        "url": url,
        "language": "en",
        "country": "XX",
        "relevance": "assume",
        "full_text": False,
    }


def _task_runs(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        count: int = connection.execute("SELECT count(*) FROM task_run").fetchone()[0]
    return count

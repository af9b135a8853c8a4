"""A night as a Prefect flow, in a process of its own with Prefect's temporary server: what Prefect was told of it.

Starting Prefect takes most of the time, so the tests share two runs: one that is killed, and the one after it.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import update

from config.feeds import load_feeds
from flows.demo.answers import Answer
from flows.demo.server import DemoSite
from models._keys import table_of
from models.archive.feeds import sync_feeds
from models.database import create_database_engine, writing
from models.migrate import upgrade
from models.reports import PageCounts, RunReport, RunStatus
from models.tables import Feed
from tests.nights import Nights, contents, rows
from tests.processes import Command, Ended, run
from tests.site.behaviours import FEED

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True, scope="module")
_PROC = Path("/proc/self/maps")
DOWN = Answer(status=503)
UP = Answer(content_type="application/rss+xml", body=FEED)


class MoodySite(DemoSite):
    """A site with one feed, which fails a number of times and then is fine."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.failures = failures

    def answer(self, path: str, if_none_match: str | None, if_modified_since: str | None) -> Answer:
        """Answer by the number of requests so far."""
        super().answer(path, if_none_match, if_modified_since)
        return DOWN if len(self.requests) <= self.failures else UP


@dataclass
class Scene:
    """The sites and the archive."""

    demo: DemoSite
    flaky: MoodySite
    hopeless: MoodySite
    nights: Nights

    def start(self) -> Command:
        """Start a run with Prefect."""
        allowed = ",".join(site.address for site in (self.demo, self.flaky, self.hopeless))
        environment = self.nights.environment() | {"CLIMATE_ARCHIVE_FETCH__ALLOW_PRIVATE": allowed}
        return Command("run", "--json", cwd=self.nights.home, environment=environment)

    def forget(self) -> None:
        """Begin to count requests anew."""
        for site in (self.demo, self.flaky, self.hopeless):
            site.requests.clear()


@dataclass
class Seen:
    """A run that has ended, and what was seen of it."""

    scene: Scene
    killed: Ended
    survivors: list[str]
    beside: Ended  # another run, while this one was at work
    ended: Ended
    loaded_by: dict[str, set[str]]  # command line -> names of the libraries in that process

    def prefect(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the database of Prefect's temporary server."""
        connection = sqlite3.connect(self.scene.nights.home / "prefect" / "prefect.db")
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    @property
    def archive(self) -> dict[str, list[dict[str, Any]]]:
        """Read the ledger."""
        engine = create_database_engine(self.scene.nights.database_url)
        try:
            return {name: rows(engine, name) for name in ("runs", "feed_runs", "feeds")}
        finally:
            engine.dispose()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Run the sites; one of their feeds has failed for three nights already."""
    home = tmp_path_factory.mktemp("prefect")
    with DemoSite() as demo, MoodySite(3) as flaky, MoodySite(99) as hopeless:
        feeds = yaml.safe_load(demo.feeds_yaml())["feeds"]
        for name, site in (("flaky", flaky), ("hopeless", hopeless)):
            feeds.append({"id": name, "name": name, "url": f"{site.base_url}/feed", "relevance": "assume"})
        nights = Nights(home=home, database_url=f"sqlite:///{home}/archive.db", allow=demo.address, feeds=feeds)
        file = nights.settings.feeds_file
        engine = create_database_engine(nights.database_url)
        upgrade(engine)
        with writing(engine) as connection:
            sync_feeds(connection, load_feeds(file), datetime.now(UTC))
            table = table_of(Feed)
            connection.execute(update(table).where(table.c.id == "hopeless").values(failing_nights=3))
        engine.dispose()
        yield Scene(demo, flaky, hopeless, nights)


@pytest.fixture(scope="module")
def seen(scene: Scene) -> Seen:
    """Kill a run in the middle of its work, then let one run to its end while another finds the archive taken."""
    first = scene.start()
    _await_requests(scene, first, 14)
    killed = first.kill()
    survivors = first.survivors()
    scene.forget()
    second = scene.start()
    _await_requests(scene, second, 3)
    loaded_by = _look_into(second)
    beside = run("run", "--direct", "--json", cwd=scene.nights.home, environment=scene.nights.environment())
    return Seen(scene, killed, survivors, beside, second.end(), loaded_by)

"""kill -9 at random moments, then the same command again: the archive is that of nights that nobody disturbed.

TEST_KILLS sets the kills of each night, TEST_KILLS_SEED their moments.
"""

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest
import yaml
from msgspec import Struct
from sqlalchemy import Engine

from flows.cli.runs.demo import QUERY
from flows.demo.answers import SiteAnswer
from flows.demo.server import DemoSite
from models.queries.ledger.checks import audit
from models.storage.database import read_transaction
from models.storage.raw_store import RawStore
from tests.databases import on_one
from tests.nights import Nights, contents, rows
from tests.processes import Command

pytestmark = pytest.mark.system
KILLS = int(os.environ.get("TEST_KILLS", "3"))
SEED = os.environ.get("TEST_KILLS_SEED", "a night in November")
NIGHTS = (1, 2)
REQUESTS = {1: 45, 2: 16}  # about as many as an undisturbed night makes
QUERIES = (QUERY, "reef", "珊瑚", "carbon -market", "wind")


class WatchedSite(DemoSite):
    """The demo site; it tells when it was asked so many times."""

    def __init__(self) -> None:
        super().__init__()
        self._reached = Event()
        self._awaited = 0

    def answer(self, path: str, if_none_match: str | None, if_modified_since: str | None) -> SiteAnswer:
        """Answer as ever, and count."""
        answer = super().answer(path, if_none_match, if_modified_since)
        if len(self.requests) >= self._awaited:
            self._reached.set()
        return answer

    def await_requests(self, more: int, command: Command) -> None:
        """Wait until so many more requests were answered, or the command has ended without making them."""
        self._awaited = len(self.requests) + more
        self._reached.clear()
        while more and not self._reached.wait(0.05) and command.process.poll() is None:
            continue


@pytest.fixture
def watched_site() -> Iterator[WatchedSite]:
    """Run a site for one test."""
    with WatchedSite() as running:
        yield running


class Moment(Struct, frozen=True):
    """When a run is killed, and how."""

    after_requests: int
    after_s: float
    whole_tree: bool  # else its main process alone


def _moments(run: int) -> list[Moment]:
    chance = random.Random(f"{SEED} {run}")
    # The first falls into the opening of the run, the last behind its last request.
    points = [0, *(chance.randint(1, REQUESTS[run]) for _ in range(KILLS - 2)), REQUESTS[run]][:KILLS]
    return [Moment(n, chance.uniform(0, 0.3 if n else 2.5), chance.random() < 0.7) for n in sorted(points)]


async def test_a_killed_night_converges(
    watched_site: WatchedSite, tmp_path: Path, database_url: str, engine: Engine, new_database: Callable[[], str]
) -> None:
    """Whenever a run is killed, the next one goes on; nothing is lost, doubled or left running."""
    feeds = yaml.safe_load(watched_site.feeds_yaml())["feeds"]
    nights = Nights(home=tmp_path / "killed", database_url=database_url, allow=watched_site.address, feeds=feeds)
    for run in NIGHTS:
        watched_site.night = run
        for moment in _moments(run):
            command = _start(nights)
            watched_site.await_requests(moment.after_requests, command)
            command.lives_for(moment.after_s)
            command.kill(whole_tree=moment.whole_tree)
            assert command.survivors() == [], moment
        ended = _start(nights).end()
        assert (ended.code, "Traceback" in ended.err) == (0, False), ended.err

    with read_transaction(engine) as connection:
        assert audit(connection).findings == ()
    statuses = [row["status"] for row in rows(engine, "runs")]
    assert statuses.pop() == "completed_with_errors"
    assert set(statuses) <= {"crashed", "completed_with_errors"}
    store = RawStore(nights.home / "raw", nights.home / "tmp")
    assert [row["digest"] for row in rows(engine, "raw_blobs") if store.verify(row["digest"])] == []

    undisturbed = nights.elsewhere(tmp_path / "undisturbed", new_database())
    for watched_site.night in NIGHTS:
        await undisturbed.run()
    expected, found = contents(undisturbed.database_url, QUERIES), contents(database_url, QUERIES)
    for name in expected:
        assert found[name] == expected[name], name


@on_one
async def test_killed_parsers_cost_nothing(
    watched_site: WatchedSite, tmp_path: Path, new_database: Callable[[], str]
) -> None:
    """Whenever the processes that parse are killed, the run goes on without them and lacks nothing at its end."""
    feeds = yaml.safe_load(watched_site.feeds_yaml())["feeds"]
    nights = Nights(home=tmp_path / "killed", database_url=new_database(), allow=watched_site.address, feeds=feeds)
    chance = random.Random(f"{SEED} parsers")
    command, killed = _start(nights), 0
    for _ in range(KILLS):
        watched_site.await_requests(chance.randint(5, 12), command)
        killed += _kill_parsers(command)
    ended = command.end()
    assert (ended.code, "WorkerKilled" in ended.err) == (0, False), ended.err
    assert killed
    undisturbed = nights.elsewhere(tmp_path / "undisturbed", new_database())
    await undisturbed.run()
    expected, found = contents(undisturbed.database_url, QUERIES), contents(nights.database_url, QUERIES)
    for name in expected:
        assert found[name] == expected[name], name


def _kill_parsers(command: Command) -> int:
    parsers = [number for number, line in command.members().items() if "flows.workers.server" in line]
    for number in parsers:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    return len(parsers)


def _start(nights: Nights) -> Command:
    return Command("run", "--direct", cwd=nights.home.parent, environment=nights.environment())

"""A night shared with other workers, whatever becomes of them: each feed gets one outcome, and nothing is doubled.

The others are played by tasks of this process that join the night as a shard run does; Prefect's part is tested in
tests/flows/test_shard.py.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from config.settings import Settings
from flows.ingest.direct import DIRECT_RUNNER
from flows.ingest.distribute import ShareProgress, WaitLimits, distribute
from flows.ingest.feed import process_feed
from flows.ingest.passes import work_feeds, work_run
from flows.runs.context import RunContext
from flows.runs.joining import join_run
from flows.runs.locks import run_lock
from flows.runs.opening import RunRequest, open_run
from flows.runs.plan import Shard, host_of
from flows.runs.session import utc_now
from models.archive.ledger.runs import NewRun, finish_run, require_running, start_run
from models.errors import ConfigError, NotFound, RunEnded
from models.queries.ledger.checks import audit
from models.reports import FeedStatus, RunReport, RunStatus
from models.storage.database import read_transaction, write_transaction
from tests.databases import on_postgresql
from tests.nights import Nights, contents, row_of, rows
from tests.site.behaviours import FEED, answer, in_turn
from tests.site.server import Conversation, Site

pytestmark = on_postgresql  # a night is shared on it alone

LONG = WaitLimits(look_s=0.01)
SHORT = WaitLimits(start_s=0.1, silent_s=0.3, look_s=0.01)


class WorkerPool:
    """One other worker. It joins at once, or never begins, or ends at once without a word."""

    def __init__(self, nights: Nights, habit: str = "works", begun: asyncio.Event | None = None) -> None:
        self.nights, self.habit = nights, habit
        self.begun = begun  # a share counts as given from then on
        self.shares: list[Shard] = []
        self.withdrawn: list[str] = []
        self.works: dict[str, asyncio.Task[None]] = {}
        self.is_over = asyncio.Event()

    async def size(self) -> int:
        """Count one."""
        return 1

    async def give(self, run_id: int, share: Shard) -> str | None:
        """Work a share, as the habit is."""
        self.shares.append(share)
        if self.habit == "is not there":
            return None
        self.works[share.name] = asyncio.create_task(self._work(run_id, share))
        if self.begun:
            await self.begun.wait()
        return share.name

    async def standings(self) -> Mapping[str, ShareProgress]:
        """Tell what a server would."""
        waits = ShareProgress.WAITING if self.habit == "never begins" else ShareProgress.WORKING
        return {name: ShareProgress.ENDED if work.done() else waits for name, work in self.works.items()}

    async def withdraw(self, runs: list[str]) -> None:
        """Take note; a run that is at work hears of it too late."""
        self.withdrawn += runs

    async def end(self) -> list[BaseException | None]:
        """Wait for the works."""
        self.is_over.set()
        return await asyncio.gather(*self.works.values(), return_exceptions=True)

    async def _work(self, run_id: int, share: Shard) -> None:
        if self.habit == "never begins":
            await self.is_over.wait()
        elif self.habit == "works":
            hosts = {host_of(spec) for spec in share.specs}
            async with join_run(self.nights.settings, run_id, hosts, self.nights.world) as run:
                await work_feeds(run, run.plan.specs, DIRECT_RUNNER)


@pytest.fixture
async def there() -> AsyncIterator[Site]:
    """Serve a second host, whose feeds the other worker gets."""
    async with Site() as started:
        yield started


@pytest.fixture
def two(nights: Nights, site: Site, there: Site) -> Nights:
    """Give nights over two feeds of one host and one of another; all three tell of the same article."""
    feeds = [("here", site), ("here-too", site), ("there", there)]
    nights.feeds = [
        {"id": name, "name": name, "url": where.serve(f"/{name}", answer()), "relevance": "assume"}
        for name, where in feeds
    ]
    nights.allow = f"{site.address},{there.address}"
    return nights


async def _share(nights: Nights, pool: WorkerPool, retry_after: WaitLimits = LONG) -> RunReport:
    async with open_run(nights.settings, RunRequest(), nights.world) as run:
        await work_run(run, DIRECT_RUNNER, lambda run: distribute(run, DIRECT_RUNNER, pool, 8, retry_after))
    assert run.report is not None
    return run.report


@asynccontextmanager
async def _opened(nights: Nights) -> AsyncIterator[RunContext]:
    async with open_run(nights.settings, RunRequest(), nights.world) as run:
        yield run


@pytest.fixture
def sound(engine: Engine) -> Iterator[None]:
    """Check the ledger after the test."""
    yield
    with read_transaction(engine) as connection:
        assert audit(connection).findings == ()


async def test_a_shared_night_is_that_of_one_worker(
    two: Nights, engine: Engine, new_database, tmp_path, sound: None
) -> None:
    """The other worker records its feeds in the same run, and the archive is that of a night that nobody shared."""
    pool = WorkerPool(two)
    report = await _share(two, pool)
    assert [one.name for one in pool.shares] == ["there"]
    assert await pool.end() == [None]
    assert {one.feed: one.status for one in report.feeds} == dict.fromkeys(("here", "here-too", "there"), FeedStatus.OK)
    assert (report.totals.new, report.totals.duplicate) == (1, 2)
    assert len(rows(engine, "feed_runs")) == 3
    alone = two.elsewhere(tmp_path / "alone", new_database())
    await alone.run()
    shared, expected = contents(two.database_url), contents(alone.database_url)
    for name in ("stories", "sightings", "story_versions", "raw_blobs"):
        assert len(shared[name]) == len(expected[name]), name


@pytest.mark.parametrize("habit", ["never begins", "ends at once", "is not there"])
async def test_what_nobody_did_is_done_here(two: Nights, there: Site, habit: str, sound: None) -> None:
    """A share that no worker takes, or that its worker leaves undone, is worked by the night itself."""
    pool = WorkerPool(two, habit)
    report = await _share(two, pool, SHORT)
    await pool.end()
    assert row_of(report, "there").status is FeedStatus.OK
    assert len(there.visits("/there")) == 1
    assert pool.withdrawn == ([] if habit == "is not there" else ["there"])


async def test_a_silent_worker_is_not_waited_for(two: Nights, there: Site, engine: Engine, sound: None) -> None:
    """Its feeds are worked here; what it brings after the end of the run is refused."""
    is_asked, is_over = asyncio.Event(), asyncio.Event()

    async def stuck(talk: Conversation) -> None:
        is_asked.set()
        await is_over.wait()
        await talk.send(200, FEED)

    two.feeds[2]["url"] = there.serve("/there", in_turn(stuck, answer()))
    pool = WorkerPool(two, begun=is_asked)
    report = await _share(two, pool, SHORT)
    assert (row_of(report, "there").status, row_of(report, "there").attempts) == (FeedStatus.OK, 1)
    assert pool.withdrawn == ["there"]
    before = rows(engine, "feed_runs"), rows(engine, "sightings"), rows(engine, "fetches")
    is_over.set()
    (refusal,) = await pool.end()
    assert isinstance(refusal, RunEnded)
    assert str(refusal) == f"Run {report.run_id} is completed: nothing is written on its behalf any more."
    assert (rows(engine, "feed_runs"), rows(engine, "sightings"), rows(engine, "fetches")) == before


async def test_the_first_outcome_of_a_feed_stands(two: Nights, engine: Engine, sound: None) -> None:
    """Two that come to an outcome for one feed in one run leave one row, that of the first, and both report it."""
    async with _opened(two) as run:
        (spec,) = (one for one in run.plan.specs if one.id == "there")
        async with join_run(two.settings, run.plan.run_id, {host_of(spec)}, two.world) as shard:
            first = await process_feed(shard, spec)
        run.reports["there"] = await process_feed(run, spec)
        assert run.reports["there"] == first
        assert len(rows(engine, "fetches")) == 1
        await work_feeds(run, run.plan.specs[:2], DIRECT_RUNNER)


async def test_a_feed_patience_is_heard_of_in_the_night(two: Nights, there: Site, sound: None) -> None:
    """A feed that asks the other worker for patience gets no second try by the night."""
    two.feeds[2]["url"] = there.serve("/there", answer(503, b"", {"Retry-After": "900"}))
    report = await _share(two, WorkerPool(two))
    assert (row_of(report, "there").status, row_of(report, "there").attempts) == (FeedStatus.FAILED, 1)


def test_a_run_cannot_be_closed_under_a_transaction(two: Nights, engine: Engine) -> None:
    """Who writes for a run holds its head: another session that would close it waits for the end."""
    with write_transaction(engine) as connection:
        run_id = start_run(connection, NewRun(mode="run", started_by="api", code_version="x"), utc_now())
    with read_transaction(engine) as mine, engine.connect() as other:
        require_running(mine, run_id)
        other.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            finish_run(other, run_id, RunStatus.CRASHED, None, utc_now())


async def test_without_the_lock_nothing_is_written(two: Nights, engine: Engine) -> None:
    """A run that stands as running, but whose process is gone, takes nothing more."""
    with write_transaction(engine) as connection:
        run_id = start_run(connection, NewRun(mode="run", started_by="api", code_version="x"), utc_now())
    with pytest.raises(RunEnded, match="has ended"):
        async with join_run(two.settings, run_id, {"there"}, two.world):
            pass


async def test_who_joins_must_run_the_same_code(two: Nights, engine: Engine) -> None:
    """A worker of another version is turned away, and so is one that names no run."""
    with run_lock(engine, "run"):
        with write_transaction(engine) as connection:
            run_id = start_run(connection, NewRun(mode="run", started_by="api", code_version="old"), utc_now())
        with pytest.raises(ConfigError, match="give all workers the same image"):
            async with join_run(two.settings, run_id, {"there"}, two.world):
                pass
        with pytest.raises((NotFound, RunEnded)):
            async with join_run(two.settings, run_id + 1, {"there"}, two.world):
                pass


async def _robbed_night(settings: Settings, nights: Nights, engine: Engine) -> None:
    async with open_run(settings, RunRequest(), nights.world) as run:
        with write_transaction(engine) as connection:
            finish_run(connection, run.plan.run_id, RunStatus.CRASHED, None, utc_now())
        await work_feeds(run, run.plan.specs, DIRECT_RUNNER)


async def test_a_night_that_was_marked_as_crashed_writes_nothing_more(two: Nights, engine: Engine) -> None:
    """In the grown set-up a process that lost its lock without knowing is stopped by the ledger."""
    settings = replace(two.settings, shards=1)
    with pytest.raises(RunEnded):
        await _robbed_night(settings, two, engine)
    assert [row["status"] for row in rows(engine, "runs")] == ["crashed"]
    assert rows(engine, "feed_runs") == []

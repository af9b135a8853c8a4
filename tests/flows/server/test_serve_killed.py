"""kill -9 of whatever takes part in a night under `serve`, at random moments: the archive is an undisturbed one.

TEST_SERVE_KILLS sets how many kills, TEST_KILLS_SEED whom and when. Where the archives are on PostgreSQL
(`pytest --postgresql`), the server is among those killed.
"""

import asyncio
import math
import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Row

from flows.runs.locks import run_lock
from flows.runs.session import utc_now
from models.errors import DatabaseUnreachable, LockHeld
from models.storage.database import create_database_engine
from tests.editions import EditionSite
from tests.nights import Nights, contents
from tests.postgresql import OwnServer, own_server
from tests.processes import run
from tests.serving import Serving, are_gone, ledger, serving, surroundings, until, workers_of

SEED = os.environ.get("TEST_KILLS_SEED", "a night in November")
KILLS = 2  # where nothing else is said
# Seconds between two nights of the schedule: for each that a bare night took here, so that none waits for another.
_EVERY = 6.0
QUERIES = ("edition1", "edition2 -coast", "edition3 glacier")  # each finds fewer than a search shows
SERVE, NIGHT, WORKER, DATABASE = "serve", "the night's process", "a worker", "the database's server"
GOOD, SKIPPED = "completed", "skipped"
_SESSIONS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_OPEN = "SELECT count(*) FROM flow_run WHERE state_type IN ('PENDING', 'RUNNING', 'CANCELLING')"
pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks at processes in /proc"),
]


@dataclass
class Scene:
    """A site and its archive, the `serve` of now, and the database's server where it has one of its own."""

    site: EditionSite
    nights: Nights
    server: OwnServer | None
    stack: AsyncExitStack
    environ: dict[str, str] = field(init=False)
    served: Serving = field(init=False)
    every_s: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))
    seen_until: int = 0  # the last run that may have met an earlier edition

    def __post_init__(self) -> None:
        self.environ = surroundings(self.nights.environment())

    async def serve(self) -> None:
        """Start `serve`."""
        self.served = await self.stack.enter_async_context(serving(self.environ, "--every", str(self.every_s)))

    @property
    def process(self) -> int:
        """Return the number of the night's process; 0 between two nights."""
        return self.served.child("prefect.engine")

    def runs(self) -> list[Row[Any]]:
        """Read the ledger's runs that met this edition; nothing is known while the database's server is away."""
        with suppress(DatabaseUnreachable):
            return [row for row in ledger(self.nights.database_url) if row.id > self.seen_until]
        return []

    async def publish(self) -> None:
        """Show the next edition, between two nights."""
        engine = create_database_engine(self.nights.database_url)

        async def is_shown() -> bool:
            with suppress(LockHeld), run_lock(engine, "the next edition"):
                self.seen_until = max((row.id for row in ledger(self.nights.database_url)), default=0)
                self.site.edition += 1
                return True
            return False

        await until(is_shown, "nobody is at work")
        engine.dispose()

    async def is_at_work(self) -> None:
        """Wait until a night has begun: mostly until it is in the ledger, at times until its process is there."""
        is_early = self.chance.random() < 0.25

        async def has_begun() -> bool:
            return bool(self.process and (is_early or any(row.status != SKIPPED for row in self.runs())))

        await until(has_begun, "a night has begun")

    async def is_made_good(self) -> None:
        """Wait until a night has completed that met this edition."""

        async def has_completed() -> bool:
            return any(row.status == GOOD for row in self.runs())

        await until(has_completed, "the night is made good")

    async def kill(self, victim: str) -> bool:
        """Kill somebody; tell whether there was anybody to kill."""
        if victim == SERVE:
            family = [pid for pid in (self.process, self.served.server_pid) if pid]
            await self.served.end(signal.SIGKILL)
            await are_gone(*family)
            await self.serve()
            return True
        if victim == DATABASE:
            await asyncio.to_thread(self._kill_server)
            return True
        if victim == WORKER:
            await until(self._has_workers, "the night has workers, or is over")
        pids = workers_of(self.process) if victim == WORKER else [self.process]
        return any(_is_killed(pid) for pid in self.chance.sample(pids, len(pids))[:1])

    async def _has_workers(self) -> bool:
        return bool(workers_of(self.process)) or any(row.status == GOOD for row in self.runs())

    def _kill_server(self) -> None:
        """Kill the first process of the server and start it anew, or a session: then it mends itself."""
        assert self.server is not None
        if self.chance.random() < 0.5:
            self.server.kill()
            self.server.start()
            return
        with psycopg.connect(self.nights.database_url, autocommit=True) as connection:
            sessions = sorted(pid for (pid,) in connection.execute(_SESSIONS))
        for pid in self.chance.sample(sessions, min(1, len(sessions))):
            _is_killed(pid)


def _is_killed(pid: int) -> bool:
    with suppress(ProcessLookupError):
        if pid:
            os.kill(pid, signal.SIGKILL)
        return pid > 0
    return False


async def test_whoever_is_killed_the_night_is_made_good(
    tmp_path: Path, archive_of: Callable[[Path], str], is_on_postgresql: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`serve` works on by itself, or once it is started again; nothing is lost, doubled or left open."""
    monkeypatch.setattr(os, "cpu_count", lambda: 1)  # one worker process is enough for what is not killed
    async with AsyncExitStack() as stack:
        site = stack.enter_context(EditionSite())
        server = stack.enter_context(own_server()) if is_on_postgresql else None
        home = tmp_path / "killed"
        url = server.url.render_as_string() if server else archive_of(home)
        nights = Nights(home=home, database_url=url, allow=site.address, feeds=site.feeds)
        scene = Scene(site, nights, server, stack)
        span_s = await _first_night(scene)
        await scene.serve()
        for victim in _victims(scene):
            await _disturb(scene, victim, scene.chance.uniform(0, span_s))
        assert await scene.served.end() == 0
        _assert_well(nights)
        found = contents(url, QUERIES)
        expected = await _undisturbed(site, nights.elsewhere(tmp_path / "calm", archive_of(tmp_path / "calm")))
    for name in expected:
        assert found[name] == expected[name], name


async def _first_night(scene: Scene) -> float:
    """Archive the first edition without `serve`; see how long a night takes on this machine, in seconds."""
    begun_at = time.monotonic()
    scene.nights.clock.now = utc_now()
    await scene.nights.run()
    seconds = time.monotonic() - begun_at
    scene.every_s = math.ceil(_EVERY * seconds)
    return seconds


def _victims(scene: Scene) -> Iterator[str]:
    """Draw who is killed; nobody again before everybody was."""
    all_of_them = [SERVE, NIGHT, WORKER, *([DATABASE] if scene.server else [])]
    kills = int(os.environ.get("TEST_SERVE_KILLS", len(all_of_them) if scene.server else KILLS))
    left: list[str] = []
    for _ in range(kills):
        left = left or scene.chance.sample(all_of_them, len(all_of_them))
        yield left.pop()


async def _disturb(scene: Scene, victim: str, after_s: float) -> None:
    await scene.publish()
    await scene.served.start()
    await scene.is_at_work()
    with pytest.raises(TimeoutError):  # it lives until the moment
        await asyncio.wait_for(scene.served.process.wait(), after_s)
    is_killed = await scene.kill(victim)
    await scene.is_made_good()
    met = ", ".join(row.status for row in scene.runs())
    print(f"{victim} after {after_s:.2f} s ({'killed' if is_killed else 'gone'}): {met}")  # noqa: T201 (told of a failure)


def _assert_well(nights: Nights) -> None:
    """Hold that the ledger adds up, the documents are whole, and no run is open in either ledger."""
    assert {row.status for row in ledger(nights.database_url)} <= {GOOD, "crashed", "failed", "interrupted", SKIPPED}
    for words in (("runs", "check"), ("verify",)):
        ended = run(*words, cwd=nights.home, environment=nights.environment())
        assert ended.code == 0, ended
    with closing(sqlite3.connect(nights.home / "prefect" / "prefect.db")) as prefect:
        assert prefect.execute(_OPEN).fetchone() == (0,)


async def _undisturbed(site: EditionSite, nights: Nights) -> Any:
    nights.clock.now = utc_now()
    for edition in range(1, site.edition + 1):
        site.edition = edition
        await nights.run()
    return contents(nights.database_url, QUERIES)

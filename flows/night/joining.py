"""Join a night that another process has opened, and work some of its feeds: a shard of it.

The other process holds the night's lock, works the pages and closes the run. What is written here is the run's own only
for as long as that process lives: each transaction looks.
"""

import contextlib
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from functools import partial

from sqlalchemy import Connection

from config.feeds import load_feeds
from config.settings import Settings
from config.topics import load_topics
from flows.night.closing import sweep
from flows.night.desk import Desk
from flows.night.engine import make_folder, ready_engine
from flows.night.lock import archive_lock, night_is_held
from flows.night.night import CODE_VERSION, Night
from flows.night.opening import WORLD, World, fetch_limits, page_limits
from flows.night.plan import Plan, host_of
from flows.night.work import prepare
from flows.night.workers import Workers
from flows.steps.fetch import Fetcher
from models.archive.feeds import load_memories
from models.archive.ledger import night_of, require_running
from models.errors import ConfigError, RunEnded
from models.queries.runs import RunHead, run_head
from models.raw_store import RawStore
from models.stages import FeedSpec


@asynccontextmanager
async def join_night(
    settings: Settings, run_id: int, hosts: Collection[str], world: World = WORLD
) -> AsyncIterator[Night]:
    """Join a run for its feeds of some hosts.

    Raises:
        ConfigError: The run is at work by another version of this program, or a file of config/ is wrong.
        NotFound: There is no such run.
        RunEnded: The run is not at work, or nobody holds the night's lock any more.

    """
    taxonomy = load_topics(settings.topics_file)
    specs = load_feeds(settings.feeds_file)
    make_folder(settings.home)
    with contextlib.ExitStack() as held:
        engine = held.enter_context(ready_engine(settings))
        held.enter_context(archive_lock(engine, f"a shard of run {run_id}"))
        raw = RawStore(settings.home / "raw", settings.home / "tmp")
        desk = held.enter_context(contextlib.closing(Desk(engine, raw, world.clock)))
        desk.guard = partial(_require_alive, run_id=run_id)
        plan = await desk.write(_plan, settings, run_id, tuple(spec for spec in specs if host_of(spec) in hosts))
        async with (
            Workers(prepare, taxonomy) as workers,
            Fetcher(fetch_limits(settings.fetch), clock=world.clock, sleep=world.sleep) as fetcher,
        ):
            night = Night(desk, fetcher, workers, plan)
            yield night
            await sweep(night)


def _require_alive(connection: Connection, run_id: int) -> None:
    require_running(connection, run_id)
    if not night_is_held(connection):
        raise RunEnded(f"The process of run {run_id} has ended: nothing is written on its behalf any more.")


def _plan(connection: Connection, settings: Settings, run_id: int, specs: tuple[FeedSpec, ...]) -> Plan:
    run = run_head(connection, run_id)
    _require_same_code(run, run_id)
    return Plan(
        run_id=run_id,
        mode=run.mode,
        started_at=run.started_at,
        night=night_of(connection, run_id),
        specs=tuple(spec for spec in specs if spec.id in run.asked),
        memories=load_memories(connection),
        is_whole=not run.feeds and run.mode == "run",
        pages=page_limits(settings),
        second_pass_delay_s=settings.fetch.second_pass_delay_s,
    )


def _require_same_code(run: RunHead, run_id: int) -> None:
    if run.code_version != CODE_VERSION:
        raise ConfigError(
            f"Run {run_id} is at work by other code ({run.code_version}) than this worker's ({CODE_VERSION}): "
            "give all workers the same image."
        )

"""Join a run that another process has opened, and work some of its feeds (a shard of it).

The other process holds the run's lock, works the pages and closes the run. Each transaction here checks that it still
lives, and is rolled back where it does not.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from config.feeds import load_feeds
from config.settings import Settings
from config.topics import read_topics
from flows.runs.closing import sweep
from flows.runs.context import PIPELINE_VERSION, RunContext
from flows.runs.locks import archive_lock, run_lock_is_held
from flows.runs.opening import WORLD, Opening, World, at_work
from flows.runs.plan import RunPlan, host_of, page_limits
from models.archive.ledger.documents import feeds_with_untried_failures
from models.archive.ledger.feeds import load_memories
from models.archive.ledger.runs import require_running, run_ids_of
from models.errors import ConfigError, RunEnded
from models.queries.ledger.runs import RunHead, run_head
from models.stages import FeedSpec


@asynccontextmanager
async def join_run(
    settings: Settings, run_id: int, hosts: Collection[str], world: World = WORLD
) -> AsyncIterator[RunContext]:
    """Join a run for its feeds of some hosts.

    Raises:
        ConfigError: The run is at work by another version of this program, or a file of config/ is wrong.
        NotFound: There is no such run.
        RunEnded: The run is not at work, or nobody holds the night's lock any more.

    """
    specs = tuple(spec for spec in load_feeds(settings.feeds_file) if host_of(spec) in hosts)
    opening = Opening(
        taxonomy=read_topics(settings.topics_file),
        locks=(archive_lock,),
        holder=f"a shard of run {run_id}",
    )
    plan_of = partial(_plan, settings=settings, run_id=run_id, specs=specs)
    async with at_work(settings, opening, world, plan_of) as run:
        run.session.guard = partial(_require_alive, run_id=run_id)
        run.compares = False
        yield run
        await sweep(run)


def _require_alive(connection: Connection, run_id: int) -> None:
    require_running(connection, run_id)
    if not run_lock_is_held(connection):
        raise RunEnded(f"The process of run {run_id} has ended: nothing is written on its behalf any more.")


def _plan(
    connection: Connection, _now: datetime, settings: Settings, run_id: int, specs: tuple[FeedSpec, ...]
) -> RunPlan:
    _require_alive(connection, run_id)
    head = run_head(connection, run_id)
    _require_same_code(head, run_id)
    return RunPlan(
        run_id=run_id,
        mode=head.mode,
        started_at=head.started_at,
        run_ids=run_ids_of(connection, run_id),
        specs=tuple(spec for spec in specs if spec.id in head.asked),
        memories=load_memories(connection),
        is_whole=not head.feeds and head.mode == "run",
        pages=page_limits(settings),
        untried=feeds_with_untried_failures(connection, PIPELINE_VERSION),
        second_pass_delay_s=settings.fetch.second_pass_delay_s,
    )


def _require_same_code(head: RunHead, run_id: int) -> None:
    if head.code_version != PIPELINE_VERSION:
        raise ConfigError(
            f"Run {run_id} is at work by other code ({head.code_version}) than this worker's ({PIPELINE_VERSION}): "
            "give all workers the same image."
        )

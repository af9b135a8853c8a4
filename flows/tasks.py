"""Prefect's tasks: names and retries around the functions of flows.ingest, nothing else."""

from contextlib import suppress
from typing import Any, Final

from prefect import State, task
from prefect.cache_policies import NO_CACHE
from prefect.exceptions import FailedRun
from prefect.states import Completed, Failed

from flows.ingest.passes import (
    StillFailing,
    TaskRunner,
    failed_feeds,
    line_of,
    retry_shard,
    work_queue,
    work_shard,
)
from flows.runs.context import RunContext
from flows.runs.plan import Shard


@task(name="shard", cache_policy=NO_CACHE, persist_result=False)
async def shard_task(run: RunContext, shard: Shard) -> State[Any]:
    """Fetch and load the feeds of a shard; tries within a request are the fetcher's."""
    await work_shard(run, shard)
    return _state(run, shard)


@task(name="retry", cache_policy=NO_CACHE, persist_result=False, retries=1)
async def retry_task(run: RunContext, shard: Shard) -> State[Any]:
    """Ask feeds that failed for a passing reason once more, and, where that fails, a last time later."""
    await retry_shard(run, shard)
    return _state(run, shard)


@task(name="pages", cache_policy=NO_CACHE, persist_result=False)
async def pages_task(run: RunContext) -> None:
    """Work the page queue."""
    await work_queue(run)


def _state(run: RunContext, shard: Shard) -> State[Any]:
    """Return the state that tells of the shard's feeds: none that failed is green."""
    lines = [line_of(run.reports[spec.id]) for spec in shard.specs]
    failed = [line_of(report) for report in failed_feeds(run, shard)]
    if not failed:
        return Completed(message="; ".join(lines))
    rest = f"{len(failed)} of {len(lines)} feeds failed. " if len(lines) > 1 else ""
    return Failed(message=rest + "; ".join(failed))


async def _shard(run: RunContext, shard: Shard) -> None:
    # A feed that fails is the ledger's matter; it fails its task, and not the night.
    with suppress(FailedRun):
        await shard_task.with_options(task_run_name=shard.name)(run, shard)


async def _retry(run: RunContext, shard: Shard) -> None:
    delay = run.plan.second_pass_delay_s
    named = retry_task.with_options(task_run_name=f"retry:{shard.name}", retry_delay_seconds=delay)
    with suppress(FailedRun, StillFailing):
        await named(run, shard)


async def _pages(run: RunContext) -> None:
    await pages_task.with_options(task_run_name="pages")(run)


PREFECT_RUNNER: Final = TaskRunner(shard=_shard, retry=_retry, pages=_pages)

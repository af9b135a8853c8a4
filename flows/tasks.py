"""Prefect's tasks: names and retries around the functions of flows.ingest, nothing else."""

from typing import Final

from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.ingest.passes import TaskRunner, retry_shard, work_queue, work_shard
from flows.runs.context import RunContext
from flows.runs.plan import Shard


@task(name="shard", cache_policy=NO_CACHE, persist_result=False)
async def shard_task(run: RunContext, shard: Shard) -> None:
    """Fetch and load the feeds of a shard; tries within a request are the fetcher's."""
    await work_shard(run, shard)


@task(name="retry", cache_policy=NO_CACHE, persist_result=False, retries=1)
async def retry_task(run: RunContext, shard: Shard) -> None:
    """Ask feeds that failed for a passing reason once more, and, where that fails, a last time later."""
    await retry_shard(run, shard)


@task(name="pages", cache_policy=NO_CACHE, persist_result=False)
async def pages_task(run: RunContext) -> None:
    """Work the page queue."""
    await work_queue(run)


async def _shard(run: RunContext, shard: Shard) -> None:
    await shard_task.with_options(task_run_name=shard.name)(run, shard)


async def _retry(run: RunContext, shard: Shard) -> None:
    delay = run.plan.second_pass_delay_s
    named = retry_task.with_options(task_run_name=f"retry:{shard.name}", retry_delay_seconds=delay)
    # A feed that keeps failing is the ledger's matter; it does not fail the night.
    await named(run, shard, return_state=True)  # type: ignore[misc]  # its overloads forget the coroutine


async def _pages(run: RunContext) -> None:
    await pages_task.with_options(task_run_name="pages")(run)


PREFECT_RUNNER: Final = TaskRunner(shard=_shard, retry=_retry, pages=_pages)

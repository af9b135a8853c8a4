"""Prefect's tasks: names and retries around the functions of flows.night, nothing else."""

from typing import Final

from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.night.night import Night
from flows.night.plan import Shard
from flows.night.story import Hands, retry_shard, work_queue, work_shard


@task(name="shard", cache_policy=NO_CACHE, persist_result=False)
async def shard_task(night: Night, shard: Shard) -> None:
    """Fetch and load the feeds of a shard; tries within a request are the fetcher's."""
    await work_shard(night, shard)


@task(name="retry", cache_policy=NO_CACHE, persist_result=False, retries=1)
async def retry_task(night: Night, shard: Shard) -> None:
    """Ask feeds that failed for a passing reason once more, and, where that fails, a last time later."""
    await retry_shard(night, shard)


@task(name="pages", cache_policy=NO_CACHE, persist_result=False)
async def pages_task(night: Night) -> None:
    """Work the page queue."""
    await work_queue(night)


async def _shard(night: Night, shard: Shard) -> None:
    await shard_task.with_options(task_run_name=shard.name)(night, shard)


async def _retry(night: Night, shard: Shard) -> None:
    delay = night.plan.second_pass_delay_s
    named = retry_task.with_options(task_run_name=f"retry:{shard.name}", retry_delay_seconds=delay)
    # A feed that keeps failing is the ledger's matter; it does not fail the night.
    await named(night, shard, return_state=True)  # type: ignore[misc]  # its overloads forget the coroutine


async def _pages(night: Night) -> None:
    await pages_task.with_options(task_run_name="pages")(night)


TASK_HANDS: Final = Hands(shard=_shard, retry=_retry, pages=_pages)

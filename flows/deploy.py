"""The deployments and their schedules, one list: what `serve` and a worker start by themselves.

`python -m flows.deploy` registers them at the server of PREFECT_API_URL, for workers of the pool.
"""

import asyncio
from collections.abc import Sequence
from importlib import metadata
from typing import Any, Final

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectAlreadyExists
from prefect.schedules import Cron, Schedule
from prefect.types.entrypoint import EntrypointType

from config.settings import MAX_SHARDS, Settings, load_settings
from flows.nightly import nightly
from flows.prune import prune
from flows.reprocess import reprocess
from flows.shard import SHARD, shard
from flows.states import TAG

NIGHTLY: Final = "nightly"
PRUNE_CRON: Final = "30 12 * * 0"  # weekly, at an hour at which hardly any night is at work
POOL: Final = "climate-archive"
FLOW_TAGS: Final = (TAG,)
RUN_QUEUE: Final = "nights"  # the pool's queue of what takes the night's lock
SHARD_QUEUE: Final = "shards"
# One run at a time; the next ones wait their turn at the server.
ONE: Final = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE)


async def deployments(
    settings: Settings, schedule: Schedule | None = None, pool: str | None = None
) -> Sequence[RunnerDeployment]:
    """Return all deployments, for whoever serves them or for a pool of workers; the schedule may be another.

    Only a pool has other workers to share a night with.
    """
    schedule = schedule or Cron(settings.nightly_cron, timezone=settings.timezone)
    common: dict[str, Any] = {
        "tags": list(FLOW_TAGS),
        "version": metadata.version("climate-archive"),
        # By path, Prefect would load a second copy of the module.
        "entrypoint_type": EntrypointType.MODULE_PATH,
        "work_pool_name": pool,
    }
    # `serve` takes one run at a time by itself, and its runner drops the lease that such a limit is made of.
    alone = common | ({"concurrency_limit": ONE, "work_queue_name": RUN_QUEUE} if pool else {})
    weekly = Cron(PRUNE_CRON, timezone=settings.timezone)
    made = (
        await nightly.ato_deployment(name=NIGHTLY, schedule=schedule, **alone),
        await reprocess.ato_deployment(name="reprocess", **alone),
        await prune.ato_deployment(name="prune", schedule=weekly, **alone),
    )
    if pool is None:
        return made
    return (*made, await shard.ato_deployment(name=SHARD, work_queue_name=SHARD_QUEUE, **common))


async def deploy(settings: Settings) -> None:
    """Register all deployments for the pool of workers, which is made where it is not there; changes nothing twice."""
    async with get_client() as client:
        pool = WorkPoolCreate(name=POOL, type="process", concurrency_limit=None)
        await client.create_work_pool(pool, overwrite=True)
        # One night at a time, whichever worker takes it. Shards have a queue of their own: the night that waits for
        # them can never stand in their way.
        await _set_queue(client, RUN_QUEUE, 1)
        await _set_queue(client, SHARD_QUEUE, MAX_SHARDS)
    for deployment in await deployments(settings, pool=POOL):
        await deployment.aapply()


async def _set_queue(client: PrefectClient, name: str, limit: int) -> None:
    try:
        await client.create_work_queue(name, work_pool_name=POOL, concurrency_limit=limit)
    except ObjectAlreadyExists:
        queue = await client.read_work_queue_by_name(name, work_pool_name=POOL)
        await client.update_work_queue(queue.id, concurrency_limit=limit)


if __name__ == "__main__":
    asyncio.run(deploy(load_settings()))

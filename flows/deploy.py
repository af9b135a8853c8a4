"""The deployments and their schedules, one list: what `serve` and a worker start by themselves.

`python -m flows.deploy` registers them at the server of PREFECT_API_URL, for workers of the pool.
"""

import asyncio
from collections.abc import Sequence
from importlib import metadata
from typing import Any, Final

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron, Schedule
from prefect.types.entrypoint import EntrypointType

from config.settings import Settings, load_settings
from flows.nightly import nightly
from flows.reprocess import reprocess

NIGHTLY: Final = "nightly"
POOL: Final = "climate-archive"
TAGS: Final = (POOL,)


async def deployments(
    settings: Settings, schedule: Schedule | None = None, pool: str | None = None
) -> Sequence[RunnerDeployment]:
    """Return all deployments, for whoever serves them or for a pool of workers; the schedule may be another."""
    schedule = schedule or Cron(settings.nightly_cron, timezone=settings.timezone)
    common: dict[str, Any] = {
        "tags": list(TAGS),
        "version": metadata.version("climate-archive"),
        # By path, Prefect would load a second copy of the module.
        "entrypoint_type": EntrypointType.MODULE_PATH,
        "work_pool_name": pool,
    }
    night = await nightly.ato_deployment(name=NIGHTLY, schedule=schedule, **common)
    again = await reprocess.ato_deployment(name="reprocess", **common)
    return (night, again)


async def deploy(settings: Settings) -> None:
    """Register all deployments for the pool of workers, which is made where it is not there; changes nothing twice."""
    async with get_client() as client:
        # One run at a time, whichever worker takes it: the others wait their turn at the server.
        pool = WorkPoolCreate(name=POOL, type="process", concurrency_limit=1)
        await client.create_work_pool(pool, overwrite=True)
    for deployment in await deployments(settings, pool=POOL):
        await deployment.aapply()


if __name__ == "__main__":
    asyncio.run(deploy(load_settings()))

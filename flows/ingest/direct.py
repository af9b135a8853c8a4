"""Run without Prefect: the same functions, called directly."""

import asyncio
from typing import Final

from config.settings import Settings
from flows.ingest.passes import StillFailing, TaskRunner, retry_shard, work_queue, work_run, work_shard
from flows.runs.context import RunContext
from flows.runs.opening import RunRequest, open_run
from flows.runs.plan import Shard
from models.reports import RunReport


async def run_directly(settings: Settings, request: RunRequest) -> RunReport:
    """Run a night in this process alone and return its report. Raise as open_run does."""
    async with open_run(settings, request) as run:
        await work_run(run, DIRECT_RUNNER)
    assert run.report is not None  # closing the night wrote it
    return run.report


async def _retry_twice(run: RunContext, shard: Shard) -> None:
    try:
        await retry_shard(run, shard)
    except StillFailing:
        await asyncio.sleep(run.plan.second_pass_delay_s)
        await _retry_last(run, shard)


async def _retry_last(run: RunContext, shard: Shard) -> None:
    try:
        await retry_shard(run, shard)
    except StillFailing:
        return  # the ledger says so


DIRECT_RUNNER: Final = TaskRunner(shard=work_shard, retry=_retry_twice, pages=work_queue)

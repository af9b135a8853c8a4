"""A run without Prefect: the same story, told by the bare functions."""

import asyncio
from typing import Final

from config.settings import Settings
from flows.night.night import Night
from flows.night.opening import RunRequest, open_night
from flows.night.plan import Shard
from flows.night.story import Hands, StillFailing, retry_shard, work_night, work_queue, work_shard
from models.reports import RunReport


async def run_directly(settings: Settings, request: RunRequest) -> RunReport:
    """Run a night in this process alone and return its report. Raise as open_night does."""
    async with open_night(settings, request) as night:
        await work_night(night, BARE_HANDS)
    assert night.report is not None  # closing the night wrote it
    return night.report


async def _retry_twice(night: Night, shard: Shard) -> None:
    try:
        await retry_shard(night, shard)
    except StillFailing:
        await asyncio.sleep(night.plan.second_pass_delay_s)
        await _retry_last(night, shard)


async def _retry_last(night: Night, shard: Shard) -> None:
    try:
        await retry_shard(night, shard)
    except StillFailing:
        return  # the ledger says so


BARE_HANDS: Final = Hands(shard=work_shard, retry=_retry_twice, pages=work_queue)

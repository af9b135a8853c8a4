"""Have the second reader read what waits for it, once a run's own work is done.

It costs thirty times what the first does, so no feed waits for it: in the load the first reader labels alone, and what
the second is to read waits in a queue. A run that waited for servers for minutes reads for a share of that time; one
that had its processors busy all along, with a thousand new stories or an import, leaves the reading to another.
"""

import logging
import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from flows.runs.context import RunContext
from flows.runs.gather import gather_or_cancel
from flows.runs.progress import tell
from flows.steps.vectors import encoder_version
from flows.workers.meaning import read_meanings as read_in_worker
from flows.workers.memory import give_back_memory
from flows.workers.pool import JobPool
from models.archive.ledger.runs import count_readings
from models.archive.meaning import MeaningReading, Waiting, keep_readings, load_waiting, next_waiting, oldest_waiting
from models.errors import WorkerKilled, WorkersFailed
from models.reports import MeaningCounts
from models.storage.database import batches
from models.waiting import count_waiting

log = logging.getLogger(__name__)

# Less is not begun: the encoder takes a second to load, and a run that is done in seconds is to stay so.
LEAST: Final = timedelta(seconds=5)
# Where a story has waited so long, the run reads for so long at least.
PATIENCE: Final = timedelta(hours=12)
FOR_THE_PATIENT: Final = timedelta(minutes=1)

TIMEOUT_S: Final = 120.0
_AHEAD: Final = 2000  # stories whose order is asked for at once
_ROUND: Final = 160  # stories a transaction: a second of two cores
_CALL: Final = 20  # stories a call of a worker


async def read_meanings(run: RunContext) -> None:
    """Read what waits for as long as there is time, and write into the ledger what is left."""
    share = run.plan.reading_share
    since = await run.session.read(oldest_waiting) if share else None
    if since is None or encoder_version() is None:  # without the encoder all waits for it
        return
    now = run.session.clock()
    time = time_for(share, run.waited, now - since)
    if time:
        try:
            await _read_until(run, None if time == timedelta.max else now + time)
        except WorkersFailed as error:  # the run's own work is done: its report stays as good as it is
            log.warning("The second reader cannot begin, and what it was to read waits: %s", error)
    left = MeaningCounts(waiting=await run.session.read(count_waiting))
    await run.session.write(count_readings, run.plan.run_id, left)
    run.meaning = MeaningCounts.total((run.meaning, left))


def time_for(share: float, run_waited: timedelta, story_waited: timedelta) -> timedelta | None:
    """Return how long a run may read that waited so long for servers; None: not at all."""
    if math.isinf(share):
        return timedelta.max
    time = max(share * run_waited, FOR_THE_PATIENT if story_waited >= PATIENCE else timedelta())
    return time if time >= LEAST else None


async def _read_until(run: RunContext, end: datetime | None) -> None:
    encoder, total = encoder_version() or "", await run.session.read(count_waiting)
    _make_room(run)
    async with run.readers() as pool:
        while ids := await run.session.write(next_waiting, encoder, _AHEAD):
            for some in batches(ids, _ROUND):
                if end is not None and run.session.clock() >= end:
                    return
                await _read_some(run, pool, some)
                tell("readings", run.meaning.read + run.meaning.failed, total)


def _make_room(run: RunContext) -> None:
    """Give back what the run's own work took, which is done: the readers take as much memory."""
    run.workers.rest()
    run.session.rest()
    give_back_memory()


async def _read_some(run: RunContext, pool: JobPool, story_ids: Sequence[int]) -> None:
    waiting = await run.session.read(load_waiting, story_ids)
    parts = await gather_or_cancel(_read(pool, part) for part in batches(waiting, _CALL))
    readings = [one for part in parts for one in part]
    counts = await run.session.write(keep_readings, readings, run.plan.run_id, run.session.clock())
    run.meaning = MeaningCounts.total((run.meaning, counts))


async def _read(pool: JobPool, waiting: Sequence[Waiting]) -> list[MeaningReading]:
    """Have a worker read stories; where they kill it, one by one, and the one that does is not read."""
    texts = [(one.heading, one.text) for one in waiting]
    try:
        found = await pool.call(read_in_worker, texts, timeout_s=TIMEOUT_S)
    except WorkerKilled as error:
        if len(waiting) > 1:
            return [reading for one in waiting for reading in await _read(pool, [one])]
        found = [str(error)]
    for one, what in zip(waiting, found, strict=True):
        if isinstance(what, str):
            log.warning("The second reader could not read story %d, which keeps its labels: %s", one.story_id, what)
    return [
        MeaningReading(story=one, found=None if isinstance(what, str) else what)
        for one, what in zip(waiting, found, strict=True)
    ]

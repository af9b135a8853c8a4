"""Tell what revisions corrected, once a run's own work is done: of those that it brought, and of all that wait."""

import logging
from collections.abc import Sequence
from typing import Final

from flows.runs.context import RunContext
from flows.steps.changes import CORRECTION_RULES
from flows.workers.jobs import read_corrections
from models.archive.corrections import keep_corrections, next_untold
from models.corrections import Correction, CorrectionKind, Revised
from models.errors import WorkerKilled

log = logging.getLogger(__name__)

BATCH: Final = 50  # revisions a call of a worker and a transaction
TIMEOUT_S: Final = 60.0


async def tell_corrections(run: RunContext) -> int:
    """Tell the corrections of every revision that waits; return of how many."""
    told = 0
    while True:
        batch = await run.session.write(next_untold, CORRECTION_RULES, BATCH)
        found = await _told(run, [one.revised for one in batch.revisions])
        await run.session.write(keep_corrections, CORRECTION_RULES, batch, found)
        told += len(found)
        if batch.is_last:
            return told


async def _told(run: RunContext, revisions: Sequence[Revised]) -> list[list[Correction]]:
    """Compare texts in a worker; where they kill it, one by one, and the one that does is told as wording."""
    if not revisions:
        return []
    try:
        return await run.workers.call(read_corrections, revisions, timeout_s=TIMEOUT_S)
    except WorkerKilled as error:
        if len(revisions) > 1:
            return [found for one in revisions for found in await _told(run, [one])]
        log.warning("A revision was not compared: %s", error)
        return [[Correction(kind=CorrectionKind.WORDING)]]

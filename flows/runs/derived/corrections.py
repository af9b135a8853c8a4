"""Tell what revisions corrected, once a run's own work is done: of those that it brought, and of some that wait."""

import logging
from collections.abc import Sequence
from functools import partial
from typing import Final

from flows.runs.context import RunContext
from flows.runs.derived.one_by_one import one_by_one
from flows.runs.progress import tell
from flows.steps.versions import CORRECTION_RULES
from flows.workers.jobs import read_corrections
from models.archive.texts.corrections import Untold, keep_corrections, next_untold, pass_on
from models.corrections import Correction, CorrectionKind

log = logging.getLogger(__name__)

BATCH: Final = 50  # revisions a call of a worker and a transaction
MOST_KEPT: Final = 50_000  # versions of an archive that has just got these rules, which a run looks through
TIMEOUT_S: Final = 60.0
_NOT_COMPARED: Final = Correction(kind=CorrectionKind.WORDING)


async def tell_corrections(run: RunContext) -> int:
    """Tell the corrections of every revision that the log names, and of some that were there before.

    Return of how many. A revision that cannot be compared is told as wording, and the run says so.
    """
    told, looked_at, waiting = 0, 0, 0
    while batch := await run.session.write(next_untold, CORRECTION_RULES, BATCH, with_kept=looked_at < MOST_KEPT):
        for failed in await one_by_one(batch.revisions, partial(_tell, run)):
            run.trouble(f"version {failed.item.version_id} was not compared with the one before: {failed.reason}")
            await run.session.write(keep_corrections, CORRECTION_RULES, [failed.item], [[_NOT_COMPARED]])
        await run.session.write(pass_on, CORRECTION_RULES, batch)
        told += len(batch.revisions)
        if batch.kept_from is not None and batch.kept_before is not None:
            looked_at, waiting = looked_at + batch.kept_from - batch.kept_before, batch.kept_before
            tell("older versions", looked_at, min(looked_at + waiting, MOST_KEPT))
    if waiting > 1:
        log.info("Corrections of versions before number %d are told in the next runs", waiting)
    return told


async def _tell(run: RunContext, revisions: Sequence[Untold]) -> None:
    texts = [one.revised for one in revisions]
    found = await run.workers.call(read_corrections, texts, timeout_s=TIMEOUT_S)
    await run.session.write(keep_corrections, CORRECTION_RULES, revisions, found)

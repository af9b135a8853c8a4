"""Find the copies among the stories that a run brought, and among all that wait, once its own work is done."""

import logging
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from flows.runs.context import RunContext
from flows.steps.copies import COPY_RULES
from flows.workers.jobs import compare_stories, read_copy_marks
from models.archive.copies import keep_copies, next_uncompared, suspects
from models.copies import CopyMarks, Likeness
from models.errors import WorkerKilled

log = logging.getLogger(__name__)

BATCH: Final = 200  # stories a call of a worker and a transaction
TIMEOUT_S: Final = 120.0
_NOTHING: Final = CopyMarks(bands=(), agency=None)
_UNLIKE: Final = Likeness(jaccard=0, kept=0, changed=0, cut=1, added=1)

_Input = TypeVar("_Input")
_Output = TypeVar("_Output")


async def find_copies(run: RunContext) -> int:
    """Compare every story that waits; return how many."""
    compared = 0
    while wanted := await run.session.write(next_uncompared, COPY_RULES, BATCH, run.session.clock()):
        texts = [(one.text, one.authors) for one in wanted]
        marks = await _worked(run, read_copy_marks, texts, _NOTHING)
        pairs = await run.session.read(suspects, wanted, marks)
        found = await _worked(run, compare_stories, [(one.original, one.copy) for one in pairs], _UNLIKE)
        told = list(zip(wanted, marks, strict=True)), list(zip(pairs, found, strict=True))
        await run.session.write(keep_copies, *told, run.session.clock(), run.plan.run_id)
        compared += len(wanted)
    return compared


async def _worked(
    run: RunContext, job: Callable[[Sequence[_Input]], list[_Output]], given: Sequence[_Input], instead: _Output
) -> list[_Output]:
    """Have a worker do it; where that kills it, one by one, with `instead` for the one that does."""
    if not given:
        return []
    try:
        return await run.workers.call(job, given, timeout_s=TIMEOUT_S)
    except WorkerKilled as error:
        if len(given) > 1:
            return [found for one in given for found in await _worked(run, job, [one], instead)]
        log.warning("A story was not compared with others: %s", error)
        return [instead]

"""Find the copies among the stories that a run brought, and among all that wait, once its own work is done."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from flows.runs.context import RunContext
from flows.steps.copies import COPY_RULES
from flows.workers.jobs import compare_stories, read_copy_marks
from models.archive.copies import Uncompared, keep_copies, next_uncompared, suspects
from models.copies import CopyMarks, MarkedText
from models.errors import WorkerKilled
from models.stages import ClassifiedStory

log = logging.getLogger(__name__)

BATCH: Final = 500  # stories a call of a worker and a transaction
TIMEOUT_S: Final = 120.0
MOST_REMEMBERED: Final = 20_000  # stories, a kilobyte each: of a longer night the others are read again
_NOTHING: Final = CopyMarks(bands=b"", agency=None)

_Input = TypeVar("_Input")
_Output = TypeVar("_Output")


def remember_marks(run: RunContext, texts: Iterable[ClassifiedStory | None]) -> None:
    """Remember by what workers found the copies of texts to be known, until they are compared."""
    for text in texts:
        if text is not None and text.marks is not None and len(run.marks) < MOST_REMEMBERED:
            run.marks[MarkedText.of(text.story.text, text.story.authors)] = text.marks


async def find_copies(run: RunContext) -> int:
    """Compare every story that waits; return how many."""
    compared = 0
    sketches: dict[int, bytes] = {}
    while wanted := await run.session.write(next_uncompared, COPY_RULES, BATCH, run.session.clock()):
        marks = await _marks_of(run, wanted)
        if len(sketches) < MOST_REMEMBERED:
            sketches |= {one.story_id: mark.sketch for one, mark in zip(wanted, marks, strict=True)}
        pairs = await run.session.read(suspects, wanted, marks, sketches)
        found = await _worked(run, compare_stories, [(one.original, one.copy) for one in pairs], None)
        told = [(pair, likeness) for pair, likeness in zip(pairs, found, strict=True) if likeness]
        compared_now = list(zip(wanted, marks, strict=True))
        await run.session.write(keep_copies, compared_now, told, run.session.clock(), run.plan.run_id)
        compared += len(wanted)
    run.marks.clear()
    return compared


async def _marks_of(run: RunContext, wanted: Sequence[Uncompared]) -> list[CopyMarks]:
    """Return the marks of stories; those that nobody remembers are made."""
    ready = [run.marks.get(MarkedText.of(one.text, one.authors)) for one in wanted]
    missing = [(one.text, one.authors) for one, mark in zip(wanted, ready, strict=True) if mark is None]
    made = iter(await _worked(run, read_copy_marks, missing, _NOTHING))
    return [mark or next(made) for mark in ready]


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

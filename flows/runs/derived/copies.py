"""Find the copies among the stories that a run brings: a batch beside its work, what is left over at its end."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Final

from flows.runs.context import RunContext
from flows.runs.derived.one_by_one import in_step, one_by_one
from flows.runs.progress import tell
from flows.steps.versions import COPY_RULES
from flows.workers.jobs import compare_stories, read_copy_marks
from models.archive.texts.copies import Suspect, keep_copies, suspects
from models.archive.texts.copy_queue import next_settled, next_uncompared, queue_kept
from models.archive.texts.copy_texts import Uncompared
from models.copies import CopyMarks, Likeness, MarkedText
from models.stages import ClassifiedStory

log = logging.getLogger(__name__)

THE_COPIES: Final = "finding copies"
BATCH: Final = 500  # stories a call of a worker and a transaction
MOST_KEPT: Final = 20_000  # stories of an archive that has just got these rules, which a run looks through
TIMEOUT_S: Final = 120.0
MOST_REMEMBERED: Final = 5_000  # stories, a kilobyte each: of a longer night the others are read again
MOST_SKETCHES: Final = 20_000  # stories, 300 bytes each: those that were compared last
_NOTHING: Final = CopyMarks(bands=b"", agency=None)


def remember_marks(run: RunContext, texts: Iterable[ClassifiedStory | None]) -> None:
    """Remember by what workers found the copies of texts to be known, until they are compared."""
    for text in texts:
        if text is not None and text.marks is not None:
            run.uncompared += 1
            if len(run.marks) < MOST_REMEMBERED:
                run.marks[MarkedText.of(text.story.text, text.story.authors)] = text.marks


def remember_sketches(known: dict[int, bytes], new: Mapping[int, bytes], most: int = MOST_SKETCHES) -> None:
    """Remember the sketches of stories that are compared, in the place of those that were compared first."""
    known.update(new)
    for story_id in list(islice(known, max(0, len(known) - most))):
        del known[story_id]


async def compare_in_step(run: RunContext) -> None:
    """Compare a batch of stories where enough may wait, one batch at a time: a second would compare the same ones.

    Those whose pages are due wait for the run's end: they are about to have another text.
    """
    if run.compares and run.uncompared >= BATCH and not run.is_comparing:
        run.uncompared, run.is_comparing = run.uncompared - BATCH, True
        try:
            await in_step(run, THE_COPIES, _compare_batch)
        finally:
            run.is_comparing = False


async def _compare_batch(run: RunContext) -> None:
    await _compare_all(run, await run.session.write(next_settled, COPY_RULES, BATCH, run.session.clock()))


async def find_copies(run: RunContext) -> int:
    """Compare every story that the log names, and some that were there before; return how many.

    A story that cannot be compared is kept as one without copies, and the run says so.
    """
    compared = await _compare_queued(run)
    compared += await _compare_kept(run)
    run.marks.clear()
    run.sketches.clear()
    return compared


async def _compare_kept(run: RunContext) -> int:
    """Compare stories that were there before these rules, as many as a run may."""
    compared, looked_at = 0, 0
    while looked_at < MOST_KEPT:
        waiting = await run.session.write(queue_kept, COPY_RULES, BATCH, run.session.clock())
        if waiting is None:
            return compared
        compared += await _compare_queued(run)
        looked_at += BATCH
        tell("older stories", looked_at, min(looked_at + waiting, MOST_KEPT))
    log.info("Copies among older stories are found in the next runs")
    return compared


async def _compare_queued(run: RunContext) -> int:
    compared = 0
    while wanted := await run.session.write(next_uncompared, COPY_RULES, BATCH, run.session.clock()):
        await _compare_all(run, wanted)
        compared += len(wanted)
    return compared


async def _compare_all(run: RunContext, wanted: Sequence[Uncompared]) -> None:
    for failed in await one_by_one(wanted, partial(_compare, run)):
        run.trouble(f"story {failed.item.story_id} was not compared with others: {failed.reason}")
        await run.session.write(keep_copies, [(failed.item, _NOTHING)], [], run.session.clock(), run.plan.run_id)


async def _compare(run: RunContext, wanted: Sequence[Uncompared]) -> None:
    marks = await _marks_of(run, wanted)
    remember_sketches(run.sketches, {one.story_id: mark.sketch for one, mark in zip(wanted, marks, strict=True)})
    pairs = await run.session.read(suspects, wanted, marks, run.sketches)
    found: dict[Suspect, Likeness] = {}

    async def compare(some: Sequence[Suspect]) -> None:
        told = [(one.original, one.copy) for one in some]
        likenesses = await run.workers.call_first(compare_stories, told, timeout_s=TIMEOUT_S)
        found.update((one, likeness) for one, likeness in zip(some, likenesses, strict=True) if likeness)

    for failed in await one_by_one(pairs, compare):
        both = f"stories {failed.item.original_id} and {failed.item.copy_id}"
        run.trouble(f"{both} were not compared with each other: {failed.reason}")
    compared = list(zip(wanted, marks, strict=True))
    await run.session.write(keep_copies, compared, list(found.items()), run.session.clock(), run.plan.run_id)


async def _marks_of(run: RunContext, wanted: Sequence[Uncompared]) -> list[CopyMarks]:
    """Return the marks of stories; those that nobody remembers are made."""
    texts = [MarkedText.of(one.text, one.authors) for one in wanted]
    ready = [run.marks.get(text) for text in texts]
    for text in texts:  # several stories may have one text
        run.marks.pop(text, None)
    missing = [(one.text, one.authors) for one, mark in zip(wanted, ready, strict=True) if mark is None]
    made = iter(await run.workers.call_first(read_copy_marks, missing, timeout_s=TIMEOUT_S) if missing else ())
    return [mark or next(made) for mark in ready]

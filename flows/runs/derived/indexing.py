"""Keep the search index in step with a run's stories: a batch within the night, what is left over at its end."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Final

from flows.runs.context import RunContext
from flows.runs.derived.one_by_one import in_step, one_by_one
from models.archive.texts.search_queue import index_stories, leave_out, next_queued
from models.search_words import Wording
from models.stages import ClassifiedStory
from models.storage.database import BATCH_ROWS

THE_INDEX: Final = "the search index"


def remember_words(run: RunContext, texts: Iterable[ClassifiedStory | None]) -> None:
    """Remember what workers found for the index, for stories that were written with these texts.

    Only what a run keeps is in the queue, whose rows are written with the stories: what a crash leaves there, the next
    run indexes without these words.
    """
    for text in texts:
        if text is not None and text.words:
            run.words[Wording(text.heading.title, text.story.text, text.story.language)] = text.words


async def keep_in_step(run: RunContext) -> None:
    """Index a batch of stories where enough wait, one batch at a time: a second would find the same stories waiting."""
    if len(run.words) >= BATCH_ROWS and not run.is_indexing:
        run.is_indexing = True
        try:
            await in_step(run, THE_INDEX, index_next)
        finally:
            run.is_indexing = False


async def index_all(run: RunContext) -> None:
    """Index what waits, whichever run left it there."""
    while await index_next(run):
        pass


async def index_next(run: RunContext) -> int:
    """Index the next stories of the queue, whichever run left them there; return how many there were.

    One that cannot be indexed is found by no search until its words change, and the run says so.
    """
    ready, run.words = run.words, {}  # each of a story that waits, but for texts that turned out to be known
    queued = await run.session.read(next_queued, max(BATCH_ROWS, len(ready)))
    for failed in await one_by_one(queued, partial(_index, run, ready)):
        run.trouble(f"story {failed.item} could not be indexed for the search: {failed.reason}")
        await run.session.write(leave_out, failed.item)
    return len(queued)


async def _index(run: RunContext, ready: Mapping[Wording, tuple[str, ...]], story_ids: Sequence[int]) -> None:
    await run.session.write(index_stories, story_ids, ready)

"""Keep the search index in step with a run's stories: a batch within the night, what is left over at its end."""

from collections.abc import Iterable

from flows.runs.context import RunContext
from models.archive.search_queue import index_batch
from models.database import BATCH_ROWS
from models.search_words import Wording
from models.stages import ClassifiedStory


def remember_words(run: RunContext, texts: Iterable[ClassifiedStory | None]) -> None:
    """Remember what workers found for the index, for the stories that these texts will be of.

    Only what a run keeps is in the queue, whose rows are written with the stories: what a crash leaves there, the next
    run indexes without these words.
    """
    for text in texts:
        if text is not None and text.words:
            run.words[Wording(text.heading.title, text.story.text, text.story.language)] = text.words


async def keep_in_step(run: RunContext) -> None:
    """Index a batch of stories where enough wait."""
    if len(run.words) >= BATCH_ROWS:
        await index_next(run)


async def index_next(run: RunContext) -> int:
    """Index the next stories of the queue, whichever run left them there; return how many there were."""
    ready, run.words = run.words, {}
    return await run.session.write(index_batch, BATCH_ROWS, ready)

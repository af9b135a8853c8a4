"""Make the vectors of meaning that stories wait for, some each night, once the night's own work is done."""

import logging
from typing import Final

from flows.runs.context import RunContext
from flows.steps.vectors import encoder_version
from flows.workers.jobs import encode_stories
from models.archive.vectors import keep_vectors, next_wanted
from models.errors import WorkerKilled

log = logging.getLogger(__name__)

BATCH: Final = 100  # stories a call of a worker and a transaction: about three seconds of one core
TIMEOUT_S: Final = 300.0


async def make_vectors(run: RunContext) -> int:
    """Make vectors of stories in the queue, at most as many as a night may; return how many were made.

    Without the encoder nothing is made: the stories wait for it.
    """
    encoder, made = encoder_version(), 0
    while encoder is not None and made < run.plan.most_vectors:
        wanted = await run.session.write(next_wanted, encoder, min(BATCH, run.plan.most_vectors - made))
        if not wanted:
            break
        texts = [(one.title, one.text) for one in wanted]
        try:
            vectors = await run.workers.call(encode_stories, texts, timeout_s=TIMEOUT_S)
        except WorkerKilled as error:  # the night's work is done: its report stays as good as it is
            log.warning("Vectors wait for the next night: %s", error)
            break
        await run.session.write(keep_vectors, encoder, wanted, vectors, run.session.clock())
        made += len(wanted)
    return made

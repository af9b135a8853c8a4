"""A run between its beginning and its end: its sign of life, and what guards its writes."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from flows.runs.closing import closed
from flows.runs.context import RunContext
from models.archive.ledger.runs import beat, require_running
from models.errors import RunEnded, StorageError

log = logging.getLogger(__name__)

HEARTBEAT_S: Final = 30.0


@asynccontextmanager
async def in_progress(run: RunContext) -> AsyncIterator[None]:
    """Be in a run that has begun, and close it."""
    if run.session.engine.dialect.name == "postgresql":
        # A lost session has lost the lock too, and another run may have begun.
        run.session.guard = partial(require_running, run_id=run.plan.run_id)
    try:
        async with _kept_alive(run), closed(run):
            yield
    finally:
        run.session.guard = None  # another run may begin in this session


@asynccontextmanager
async def _kept_alive(run: RunContext) -> AsyncIterator[None]:
    """Write the run's heartbeat for as long as the context lasts."""

    async def keep() -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            try:
                await run.session.write(beat, run.plan.run_id, run.session.clock())
            except StorageError as error:  # the next one may be written, and the run live on
                log.warning("The run's sign of life could not be written: %s", error)
            except RunEnded:
                return  # what the run writes next tells of it, and ends it

    task = asyncio.create_task(keep())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

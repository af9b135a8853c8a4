"""Close a run: index what it brought, sweep what nothing cites, and write its status, whatever happened."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from flows.night.bugs import bug_problem
from flows.night.desk import Desk
from flows.night.night import Night
from flows.night.outcome import OFFLINE, outcome_of
from models.archive.documents import unnamed
from models.archive.feeds import remember
from models.archive.ledger import finish_run
from models.archive.search_queue import index_batch
from models.errors import ArchiveError, RunEnded, StorageError
from models.reports import RunReport, RunStatus

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a run ended."""

    status: RunStatus
    reason: str | None = None


@asynccontextmanager
async def closed(night: Night) -> AsyncIterator[None]:
    """Close a run at the end of its context, also where that ends by an error or an interrupt."""
    try:
        yield
        await index_queue(night.desk)
        await sweep(night)
    except BaseException as error:
        await _finish_in_trouble(night, error)
        raise
    status, reason = outcome_of(night)
    if reason == OFFLINE:
        await night.desk.write(_forgive, night)
    await _finish(night, Ending(status=status, reason=reason))


def _forgive(connection: Connection, night: Night) -> None:
    """Forget a night without a network: it says nothing about any feed."""
    for spec in night.plan.specs:
        remember(connection, night.plan.memories[spec.id])


async def index_queue(desk: Desk) -> None:
    """Bring the search index in step with the stories, what an earlier run left over included."""
    while await desk.write(index_batch):
        pass


async def sweep(night: Night) -> None:
    """Delete documents that nothing cites any more; inside the writer's turn, so that none is being named again."""
    digests = night.forgotten

    def delete(connection: Connection) -> None:
        for digest in unnamed(connection, digests):
            night.desk.raw.delete(digest)

    await night.desk.write(delete)


def _ending(error: BaseException) -> Ending:
    if isinstance(error, (asyncio.CancelledError, KeyboardInterrupt)):
        return Ending(status=RunStatus.INTERRUPTED, reason="it was interrupted; the next run goes on from here")
    if isinstance(error, ArchiveError):
        return Ending(status=RunStatus.FAILED, reason=str(error))
    return Ending(status=RunStatus.FAILED, reason=bug_problem(error).message)


async def _finish(night: Night, ending: Ending) -> None:
    now = night.desk.clock()
    await night.desk.write(finish_run, night.plan.run_id, ending.status, ending.reason, now)
    night.report = RunReport(
        run_id=night.plan.run_id,
        mode=night.plan.mode,
        status=ending.status,
        started_at=night.plan.started_at,
        finished_at=now,
        feeds=tuple(night.reports[spec.id] for spec in night.plan.specs if spec.id in night.reports),
        pages=night.pages,
        reason=ending.reason,
    )


async def _finish_in_trouble(night: Night, trouble: BaseException) -> None:
    try:
        await _finish(night, _ending(trouble))
    except (StorageError, RunEnded) as error:
        # The run stays `running`, and whoever holds the lock next marks it crashed; or that was done already. Where the
        # storage is the trouble, the run ends by telling it.
        level = logging.DEBUG if isinstance(trouble, StorageError) else logging.WARNING
        log.log(level, "The run's end could not be written: %s", error)

"""Close a run: index what it brought, sweep what nothing cites, and write its status, whatever happened."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection

from flows.runs.bugs import bug_problem
from flows.runs.context import RunContext
from flows.runs.derived.copies import THE_COPIES, find_copies
from flows.runs.derived.corrections import tell_corrections
from flows.runs.derived.indexing import THE_INDEX, index_all
from flows.runs.derived.meaning import read_meanings
from flows.runs.derived.one_by_one import attempted
from flows.runs.outcome import OFFLINE, outcome_of
from flows.workers.memory import Held
from models.archive.ledger.documents import unnamed
from models.archive.ledger.feeds import FeedMemory, remember
from models.archive.ledger.runs import finish_run
from models.errors import ArchiveError, RunEnded, StorageError
from models.reports import FeedReport, RunReport, RunStatus

log = logging.getLogger(__name__)


class Ending(Struct, frozen=True, kw_only=True):
    """How a run ended."""

    status: RunStatus
    reason: str | None = None


@asynccontextmanager
async def closed(run: RunContext) -> AsyncIterator[None]:
    """Close a run at the end of its context, also where that ends by an error or an interrupt."""
    held = Held()
    try:
        yield
        for what, work in _AT_THE_END:
            held.give_back()  # what all the feeds took: it would stand beside what the others take from here on
            await attempted(run, what, work)
    except BaseException as error:
        await _finish_in_trouble(run, error)
        raise
    status, reason = outcome_of(run)
    if reason == OFFLINE:
        await run.session.write(_forgive, [run.plan.memories[spec.id] for spec in run.plan.specs])
    await _finish(run, Ending(status=status, reason=reason))


def _forgive(connection: Connection, memories: Iterable[FeedMemory]) -> None:
    """Undo the failure counts of a run without a network: they say nothing about any feed."""
    for memory in memories:
        remember(connection, memory)


async def sweep(run: RunContext) -> None:
    """Delete documents that nothing cites any more; inside the writer's turn, so that none is being named again."""
    digests = run.forgotten

    def delete(connection: Connection) -> None:
        for digest in unnamed(connection, digests):
            run.session.raw.delete(digest)

    await run.session.write(delete)


async def _read_meanings(run: RunContext) -> None:
    """Have the second reader read what waits; what it admits is found and compared as the run's other stories are."""
    await read_meanings(run)
    if run.meaning.admitted:
        await index_all(run)
        await find_copies(run)


_AT_THE_END: Final = (
    (THE_INDEX, index_all),
    ("the sweep of documents", sweep),
    ("telling corrections", tell_corrections),
    (THE_COPIES, find_copies),
    ("the second reader", _read_meanings),
)


def _ending(error: BaseException) -> Ending:
    if isinstance(error, (asyncio.CancelledError, KeyboardInterrupt)):
        return Ending(status=RunStatus.INTERRUPTED, reason="it was interrupted; the next run goes on from here")
    if isinstance(error, ArchiveError):
        return Ending(status=RunStatus.FAILED, reason=str(error))
    return Ending(status=RunStatus.FAILED, reason=bug_problem(error).message)


async def _finish(run: RunContext, ending: Ending) -> None:
    now = run.session.clock()
    await run.session.write(finish_run, run.plan.run_id, ending.status, ending.reason, now)
    run.report = RunReport(
        run_id=run.plan.run_id,
        mode=run.plan.mode,
        status=ending.status,
        started_at=run.plan.started_at,
        finished_at=now,
        feeds=_in_order(run),
        pages=run.pages,
        reason=ending.reason,
        meaning=run.meaning,
    )


def _in_order(run: RunContext) -> tuple[FeedReport, ...]:
    """Return the feeds' rows in the order of feeds.yaml; what stands there no more, and imports, behind them."""
    order = {spec.id: place for place, spec in enumerate(run.plan.specs)}
    names = sorted(run.reports, key=lambda name: (order.get(name, len(order)), name))
    return tuple(run.reports[name] for name in names)


async def _finish_in_trouble(run: RunContext, trouble: BaseException) -> None:
    try:
        await _finish(run, _ending(trouble))
    except (StorageError, RunEnded) as error:
        # The run stays `running`, and whoever holds the lock next marks it crashed; or that was done already. Where the
        # storage is the trouble, the run ends by telling it.
        level = logging.DEBUG if isinstance(trouble, StorageError) else logging.WARNING
        log.log(level, "The run's end could not be written: %s", error)

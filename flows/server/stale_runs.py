"""Close Prefect flow runs whose process is gone; Prefect would show them as running for ever.

`python -m flows.server.stale_runs` does this every minute beside a worker of the grown set-up, where an open run also
keeps the next one from starting.
"""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Final

from httpx import HTTPError
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import PrefectException
from prefect.states import Crashed
from sqlalchemy import Engine

from config.settings import load_settings
from flows.prune import NAME as PRUNE
from flows.runs.database import ready_engine
from flows.runs.locks import run_lock
from flows.states import TAG
from models.errors import ArchiveError, LockHeld
from models.queries.ledger.runs import names_at_work
from models.storage.database import read_transaction
from models.wording import counted

log = logging.getLogger(__name__)

STALE_AFTER: Final = timedelta(minutes=5)  # ten heartbeats; and longer than any start takes
PRUNE_STALE_AFTER: Final = timedelta(hours=6)  # a large archive on a slow disk
STALE_CHECK_S: Final = 60.0
_OPEN: Final = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING, StateType.PAUSED]


async def close_abandoned(client: PrefectClient, engine: Engine) -> int:
    """Mark as crashed whatever the server holds for running, but for the run that holds the night's lock; count them.

    The caller has just started the archive's own server, and no run: of those it knew, only that one can be alive.
    """
    alive = await asyncio.to_thread(_held, engine)
    return await _close(client, [run for run in await _open_runs(client) if str(run.id) not in alive])


async def close_without_heartbeat(client: PrefectClient, engine: Engine, now: datetime) -> int:
    """Mark as crashed what has been open for longer than patience without a heartbeat in the ledger; count them.

    The server may be other people's too: what has not our tag is left alone.
    """
    alive = await asyncio.to_thread(_names_at_work, engine, now - STALE_AFTER)
    ours = await _open_runs(client, TAG)
    old = [run for run in ours if run.state is None or run.state.timestamp < now - _stale_after(run)]
    return await _close(client, [run for run in old if not alive & {str(run.id), _night_of(run)}])


def _night_of(run: FlowRun) -> str:
    """Return the number of the ledger's run that a shard works for; it waits for its shards, and ends those it left."""
    return str(run.parameters.get("run_id", ""))


def _stale_after(run: FlowRun) -> timedelta:
    """Housekeeping has no run in the ledger, and so no heart that beats."""
    return PRUNE_STALE_AFTER if run.name == PRUNE else STALE_AFTER


async def _open_runs(client: PrefectClient, tag: str | None = None) -> list[FlowRun]:
    is_open = FlowRunFilterState(type=FlowRunFilterStateType(any_=_OPEN))
    tags = FlowRunFilterTags(all_=[tag]) if tag else None
    return await client.read_flow_runs(flow_run_filter=FlowRunFilter(state=is_open, tags=tags))


async def _close(client: PrefectClient, stale: list[FlowRun]) -> int:
    for run in stale:
        message = "Its process ended without a word."
        # By force: the rules of transitions are for processes that can still answer.
        await client.set_flow_run_state(run.id, Crashed(message=message), force=True)
    return len(stale)


def _held(engine: Engine) -> frozenset[str]:
    try:
        with run_lock(engine, "a look at who works"):
            return frozenset()
    except LockHeld:
        return _names_at_work(engine)


def _names_at_work(engine: Engine, heartbeat_after: datetime | None = None) -> frozenset[str]:
    with read_transaction(engine) as connection:
        return names_at_work(connection, heartbeat_after)


async def _keep_closing() -> None:
    settings = load_settings()
    while True:
        try:
            with ready_engine(settings) as engine:
                async with get_client() as client:
                    closed = await close_without_heartbeat(client, engine, datetime.now(UTC))
        except (HTTPError, PrefectException, ArchiveError) as error:
            log.warning("runs that may be stale could not be looked at: %s", error)
        else:
            if closed:
                log.warning("%s of a process that is gone: closed as crashed", counted(closed, "run"))
        await asyncio.sleep(STALE_CHECK_S)


if __name__ == "__main__":
    asyncio.run(_keep_closing())

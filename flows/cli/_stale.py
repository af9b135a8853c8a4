"""Close Prefect's runs whose process is gone: what a crash left open would stand there as running for ever.

`python -m flows.cli._stale` does it every minute, beside a worker of the grown set-up: there a run that is left open
also holds the pool's one slot.
"""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Final

from httpx import HTTPError
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Crashed
from sqlalchemy import Engine, Select, select

from config.settings import load_settings
from flows.night.engine import ready_engine
from flows.night.lock import night_lock
from models.database import reading
from models.errors import LockHeld, StorageError
from models.reports import RunStatus
from models.tables import Run

log = logging.getLogger(__name__)

PATIENCE: Final = timedelta(minutes=5)  # ten heartbeats; and longer than any start takes
LOOK_S: Final = 60.0
_OPEN: Final = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING, StateType.PAUSED]
_AT_WORK: Final = select(Run.flow_run_id).where(Run.status == RunStatus.RUNNING.value, Run.flow_run_id.is_not(None))


async def close_all_but_the_holder_s(client: PrefectClient, engine: Engine) -> int:
    """Mark as crashed whatever the server holds for running, but for the run that holds the night's lock; count them.

    The caller has just started the archive's own server, and no run: of those it knew, only that one can be alive.
    """
    alive = await asyncio.to_thread(_held, engine)
    return await _close(client, [run for run in await _open_runs(client) if str(run.id) not in alive])


async def close_silent(client: PrefectClient, engine: Engine, now: datetime) -> int:
    """Mark as crashed what has been open for longer than patience without a heartbeat in the ledger; count them."""
    beating = _AT_WORK.where(Run.heartbeat_at > now - PATIENCE)
    alive = await asyncio.to_thread(_read, engine, beating)
    old = [run for run in await _open_runs(client) if run.state is None or run.state.timestamp < now - PATIENCE]
    return await _close(client, [run for run in old if str(run.id) not in alive])


async def _open_runs(client: PrefectClient) -> list[FlowRun]:
    chosen = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_OPEN)))
    return await client.read_flow_runs(flow_run_filter=chosen)


async def _close(client: PrefectClient, stale: list[FlowRun]) -> int:
    for run in stale:
        message = "Its process ended without a word."
        # By force: the rules of transitions are for processes that can still answer.
        await client.set_flow_run_state(run.id, Crashed(message=message), force=True)
    return len(stale)


def _held(engine: Engine) -> frozenset[str]:
    try:
        with night_lock(engine, "a look at who works"):
            return frozenset()
    except LockHeld:
        return _read(engine, _AT_WORK)


def _read(engine: Engine, flow_run_ids: Select[tuple[str | None]]) -> frozenset[str]:
    with reading(engine) as connection:
        return frozenset(one for one in connection.scalars(flow_run_ids) if one)


async def _keep_closing() -> None:
    with ready_engine(load_settings()) as engine:
        while True:
            try:
                async with get_client() as client:
                    closed = await close_silent(client, engine, datetime.now(UTC))
            except (HTTPError, StorageError) as error:
                log.warning("runs that may be stale could not be looked at: %s", error)
            else:
                if closed:
                    log.warning("%d runs of a process that is gone were closed as crashed", closed)
            await asyncio.sleep(LOOK_S)


if __name__ == "__main__":
    asyncio.run(_keep_closing())

"""Close Prefect's runs whose process is gone: what a crash left open would stand there as running for ever."""

from typing import Final

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import StateType
from prefect.states import Crashed
from sqlalchemy import Engine, select

from flows.night.lock import night_lock
from models.database import reading
from models.errors import LockHeld
from models.reports import RunStatus
from models.tables import Run

_OPEN: Final = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING, StateType.PAUSED]


async def close_stale_runs(client: PrefectClient, engine: Engine) -> int:
    """Mark as crashed whatever the server holds for running, but for the run that holds the night's lock; count them.

    The caller has just started the archive's own server: of the runs it knew, only that one can be alive.
    """
    alive = _alive(engine)
    chosen = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_OPEN)))
    stale = [run for run in await client.read_flow_runs(flow_run_filter=chosen) if str(run.id) not in alive]
    for run in stale:
        message = "Its process ended without a word."
        # By force: the rules of transitions are for processes that can still answer.
        await client.set_flow_run_state(run.id, Crashed(message=message), force=True)
    return len(stale)


def _alive(engine: Engine) -> frozenset[str]:
    try:
        with night_lock(engine, "a look at who works"):
            return frozenset()
    except LockHeld:
        running = select(Run.flow_run_id).where(Run.status == RunStatus.RUNNING.value)
        with reading(engine) as connection:
            return frozenset(one for one in connection.scalars(running) if one)

"""What the schedule still asks for when `serve` comes up: one night at most, however many times have passed."""

from datetime import datetime
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Completed

from config.settings import Settings
from flows.deploy import FLOW_TAGS
from flows.nightly import CATCH_UP
from flows.runs.database import ready_engine
from flows.runs.opening import RunRequest, record_needless_run
from flows.runs.schedule import last_time, why_not_start_of
from models.queries.ledger.runs import last_whole_night
from models.storage.database import read_transaction


async def start_missed_run(settings: Settings, client: PrefectClient, nightly_id: UUID) -> bool:
    """Skip the late starts that are not worth making; see that the last time of the schedule has its night.

    Return whether a night is due now.
    """
    cron, zone, now = settings.nightly_cron, settings.zone, datetime.now(settings.zone)
    with ready_engine(settings) as engine, read_transaction(engine) as connection:
        last_night = last_whole_night(connection)
    is_planned = False
    for late in await _late_starts(client, nightly_id, now):
        assert late.expected_start_time is not None  # it was found by it
        if not late.auto_scheduled:
            is_planned = is_planned or CATCH_UP in late.tags
        elif reason := why_not_start_of(cron, zone, late.expected_start_time, last_night, now):
            await _skip(settings, client, late, reason)
        else:
            is_planned = True
    is_due = last_night is None or last_night < last_time(cron, zone, now)
    if is_due and not is_planned:
        await client.create_flow_run_from_deployment(nightly_id, tags=[*FLOW_TAGS, CATCH_UP])
    return is_due


async def _late_starts(client: PrefectClient, nightly_id: UUID, now: datetime) -> list[FlowRun]:
    chosen = FlowRunFilter(
        deployment_id=FlowRunFilterDeploymentId(any_=[nightly_id]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
        expected_start_time=FlowRunFilterExpectedStartTime(before_=now),
    )
    return await client.read_flow_runs(flow_run_filter=chosen, sort=FlowRunSort.EXPECTED_START_TIME_ASC)


async def _skip(settings: Settings, client: PrefectClient, late: FlowRun, reason: str) -> None:
    """Write into both ledgers what the run itself would write, without a process for each."""
    record_needless_run(settings, RunRequest(started_by="schedule"), reason)
    await client.set_flow_run_state(late.id, Completed(name="Skipped", message=reason), force=True)

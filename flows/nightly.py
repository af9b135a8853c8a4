"""The nightly flow: open the night, work it in Prefect's tasks, publish its table."""

from dataclasses import asdict
from typing import Any

from prefect import State, flow
from prefect.artifacts import acreate_table_artifact
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from config.settings import Settings, load_settings
from flows.night.night import Night
from flows.night.opening import RunRequest, open_night, record_skipped_run
from flows.night.story import work_night
from flows.tasks import TASK_HANDS
from models.archive.ledger import name_flow_run
from models.errors import LockHeld
from models.reports import RunReport, RunStatus

_STATE_NAMES = {
    RunStatus.COMPLETED: "Completed",
    RunStatus.COMPLETED_WITH_ERRORS: "CompletedWithErrors",
    RunStatus.SKIPPED: "Skipped",
}


@flow(name="nightly", flow_run_name="night", persist_result=False)
async def nightly(feeds: list[str] | None = None) -> State[Any]:
    """Read every feed, or those named, follow the stories to their pages, and keep what is new."""
    request = RunRequest(feeds=tuple(feeds or ()), started_by="schedule")
    return state_of(await _run(load_settings(), request))


async def run_with_prefect(settings: Settings, request: RunRequest) -> RunReport:
    """Run a night as a Prefect flow of this process and return its report. Raise as open_night does."""
    reports: list[RunReport] = []

    @flow(name="nightly", flow_run_name=f"{request.mode} by hand", persist_result=False)
    async def by_hand(feeds: list[str]) -> State[Any]:  # noqa: ARG001 (shown in Prefect's UI)
        reports.append(await _run(settings, request))
        return state_of(reports[0])

    state = await by_hand(list(request.feeds), return_state=True)
    if not reports:
        await state.aresult()  # raises what stopped the run

    return reports[0]


def state_of(report: RunReport) -> State[Any]:
    """Return the state that tells Prefect the truth about a run."""
    message = report.reason or f"{report.totals.new} new stories of {report.totals.seen} entries seen"
    if report.status is RunStatus.FAILED:
        return Failed(message=message)
    return Completed(name=_STATE_NAMES[report.status], message=message)


async def _run(settings: Settings, request: RunRequest) -> RunReport:
    try:
        async with open_night(settings, request) as night:
            await night.desk.write(name_flow_run, night.plan.run_id, str(flow_run.id))
            await work_night(night, TASK_HANDS)
            await _publish(night)
    except LockHeld as held:
        return record_skipped_run(settings, request, held)
    assert night.report is not None  # closing the night wrote it
    return night.report


async def _publish(night: Night) -> None:
    """Show the night's table among Prefect's artifacts."""
    rows = [
        {"feed": report.feed, "status": report.status.value, "reason": report.reason or ""} | asdict(report.counts)
        for report in night.reports.values()
    ]
    title = f"Run {night.plan.run_id}: what each feed gave"
    await acreate_table_artifact(table=rows, key="night", description=title)

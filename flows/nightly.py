"""The nightly flow: is it still wanted, open the night, work it in Prefect's tasks, publish its table."""

import asyncio
import logging
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final, Literal

from httpx import HTTPError
from msgspec import Struct
from msgspec.structs import asdict
from prefect import State, flow, tags
from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact
from prefect.runtime import flow_run
from prefect.states import Completed, Failed
from pydantic import Field

from config.settings import Settings, load_settings
from flows.ingest.passes import FirstPass, work_run
from flows.runs.choice import failed_feeds
from flows.runs.context import RunContext
from flows.runs.database import ready_engine
from flows.runs.opening import RunRequest, open_run, record_needless_run, record_skipped_run
from flows.runs.schedule import last_time, why_not_start_of
from flows.shard import distribute_run
from flows.states import TAG, state_of
from flows.tasks import PREFECT_RUNNER
from flows.upkeep.telling.after_night import look_after
from flows.workers.interrupts import heed_again
from flows.workers.parent import exit_with_parent
from models.archive.ledger.runs import name_flow_run
from models.errors import ArchiveError, LockHeld
from models.queries.ledger.runs import LATEST, last_whole_night
from models.reports import RunReport
from models.storage.database import read_transaction
from models.wording import counted

log = logging.getLogger(__name__)

CATCH_UP: Final = "catch-up"  # the tag of a start that makes good the last one of the schedule
_SCHEDULED: Final = "auto-scheduled"  # Prefect's own tag
FeedIds = list[Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]*$")]]
Mode = Literal["run", "rerun"]
RunNumber = Annotated[str, Field(pattern="^(latest|[0-9]{1,18})$")]


class _Start(Struct, frozen=True, kw_only=True):
    """How Prefect came to start a run."""

    is_catch_up: bool
    is_scheduled: bool
    due_at: datetime


@flow(name="nightly", flow_run_name="night", persist_result=False)
async def nightly(
    feeds: FeedIds = [],  # noqa: B006 (Prefect's form shows it; it is only read)
    mode: Mode = "run",
    strict: bool = False,
    of_run: RunNumber = LATEST,
) -> State[Any]:
    """Read every feed, or those named, follow the stories to their pages, and keep what is new.

    Prefect's form shows each argument with its sentence.

    Args:
        feeds: Only these feeds of feeds.yaml; none: all of them.
        mode: run: fetch the feeds. rerun: fetch those that failed in an earlier run.
        strict: End as Failed where any feed failed.
        of_run: rerun: in which run they failed, by its number; latest: the latest one.

    """
    exit_with_parent()
    settings = load_settings()
    start = _start()
    request = RunRequest(
        feeds=tuple(feeds), started_by="schedule" if start.is_scheduled else "api", parameters={"strict": strict}
    )
    try:
        if start.is_scheduled and (reason := _why_not(settings, start)):
            return run_state(record_needless_run(settings, request, reason))
        if mode == "rerun":
            request = failed_feeds(settings, request, of_run)
            if not request.feeds:
                return Completed(name="Skipped", message=f"no feed failed in run {request.parent_run_id}")
        return run_state(await _run(settings, request, _first_pass(settings)), strict=strict)
    except ArchiveError as error:
        return Failed(message=str(error))


async def run_with_prefect(settings: Settings, request: RunRequest) -> RunReport:
    """Run a night as a Prefect flow of this process and return its report. Raise as open_run does."""
    reports: list[RunReport] = []

    @flow(name="nightly", flow_run_name=f"{request.mode} by hand", persist_result=False)
    async def by_hand(feeds: list[str]) -> State[Any]:  # noqa: ARG001 (shown in Prefect's UI)
        heed_again()  # a flow that SIGTERM takes down by Prefect's own answer is failed, or hangs
        reports.append(await _run(settings, request))
        return run_state(reports[0])

    with tags(TAG):
        state = await by_hand(list(request.feeds), return_state=True)
    if not reports:
        await state.aresult()  # raises what stopped the run

    return reports[0]


def run_state(report: RunReport, *, strict: bool = False) -> State[Any]:
    """Return the state that tells Prefect the truth about a night."""
    totals = report.totals
    new, seen = counted(totals.new, "new story", "new stories"), counted(totals.seen, "entry", "entries")
    return state_of(report, f"{new} of {seen} seen", strict=strict)


def _start() -> _Start:
    tags = flow_run.tags
    is_catch_up = CATCH_UP in tags
    return _Start(
        is_catch_up=is_catch_up,
        is_scheduled=is_catch_up or _SCHEDULED in tags,
        due_at=flow_run.scheduled_start_time,
    )


def _why_not(settings: Settings, start: _Start) -> str | None:
    """Return why a start of the schedule is not worth making any more."""
    with ready_engine(settings) as engine, read_transaction(engine) as connection:
        last = last_whole_night(connection)
    cron, zone, now = settings.nightly_cron, settings.zone, datetime.now(settings.zone)
    due_at = last_time(cron, zone, now) if start.is_catch_up else start.due_at
    return why_not_start_of(cron, zone, due_at, last, now)


def _first_pass(settings: Settings) -> FirstPass | None:
    """Return how the feeds are shared with other workers, where the settings say so."""
    return partial(distribute_run, runner=PREFECT_RUNNER, most=settings.shards) if settings.shards else None


async def _run(settings: Settings, request: RunRequest, first_pass: FirstPass | None = None) -> RunReport:
    try:
        async with open_run(settings, request) as run:
            await run.session.write(name_flow_run, run.plan.run_id, str(flow_run.id))
            await work_run(run, PREFECT_RUNNER, first_pass)
            await _publish(run)
    except LockHeld as held:
        return record_skipped_run(settings, request, held)
    assert run.report is not None  # closing the night wrote it
    if run.plan.is_whole:
        await _look_after(settings, run.report)
    return run.report


async def _look_after(settings: Settings, report: RunReport) -> None:
    """Do what follows a night, and show its report in Prefect."""
    text = await asyncio.to_thread(look_after, settings, report)
    try:
        await acreate_markdown_artifact(markdown=text, key="report", description=f"Run {report.run_id}")
    except HTTPError as error:
        log.warning("the report of run %d is not in Prefect: %s", report.run_id, error)


async def _publish(run: RunContext) -> None:
    """Show the night's table among Prefect's artifacts; a server that is away at that moment costs the table alone."""
    rows = [
        {"feed": report.feed, "status": report.status.value, "reason": report.reason or ""} | asdict(report.counts)
        for report in run.reports.values()
    ]
    title = f"Run {run.plan.run_id}: what each feed gave"
    try:
        await acreate_table_artifact(table=rows, key="night", description=title)
    except HTTPError as error:
        log.warning("the table of run %d is not in Prefect: %s", run.plan.run_id, error)

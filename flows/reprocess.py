"""The flow that works the stored bytes again with today's code; nothing is fetched."""

from datetime import datetime
from typing import Annotated, Any

from prefect import State, flow
from prefect.runtime import flow_run
from prefect.states import Failed
from pydantic import AfterValidator, Field

from config.settings import load_settings
from flows.states import state_of
from flows.upkeep.reprocess import request_for, run_reprocess
from flows.workers.parent import exit_with_parent
from models.archive.reprocessing import Selection
from models.days import day_begin, held
from models.errors import ArchiveError
from models.reports import RunReport
from models.wording import counted

RunId = Annotated[int | None, Field(ge=1, lt=2**63)]  # what fits into a key
Moment = Annotated[datetime, AfterValidator(held)]


@flow(name="reprocess", flow_run_name="reprocess", persist_result=False)
async def reprocess(run: RunId = None, feeds: list[str] = [], since: Moment | None = None) -> State[Any]:  # noqa: B006 (Prefect's form shows it; it is only read)
    """Parse, clean and classify the stored bytes again with today's code: better texts take their versions' places.

    Prefect's form shows each argument with its sentence.

    Args:
        run: Only what this run brought.
        feeds: Only these feeds; none: all of them.
        since: Only what came at this moment or later.

    """
    exit_with_parent()
    settings = load_settings()
    selection = Selection(run_id=run, feeds=tuple(feeds), since=day_begin(since, settings.zone))
    request = request_for(selection, started_by="api")
    try:
        report = await run_reprocess(settings, request, selection, str(flow_run.id))
    except ArchiveError as error:
        return Failed(message=str(error))
    return _state_of(report)


def _state_of(report: RunReport) -> State[Any]:
    totals = report.totals
    better, added = counted(totals.updated, "text"), counted(totals.new, "story", "stories")
    return state_of(report, f"{better} better, {added} added, {totals.failed} failed")

"""The ledger: the runs, and one run feed by feed with its reasons."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from flows.server.asking import flow_run_page
from flows.upkeep.telling.notice_words import notice_sentence
from flows.web.content.asking import Before
from flows.web.reading import ReadingRoom, room_of
from flows.web.rendering import page
from models.queries.ledger.checks import check_runs
from models.queries.ledger.runs import feeds_without_answer, flow_run_of, list_runs, run_report
from models.queries.notices import notices_of_run
from models.reports import RunReport
from models.wording import readings

router = APIRouter()
_PAGE: Final = 30


@router.get("/runs")
def runs(request: Request, before: Before = None) -> HTMLResponse:
    """List the runs, the newest first."""
    with room_of(request).view() as connection:
        found = list_runs(connection, _PAGE + 1, before)
        shown = found[:_PAGE]
        findings = check_runs(connection, [run.run_id for run in shown])
    following = shown[-1].run_id if len(found) > _PAGE else None
    return page(request, "runs.html", runs=shown, next=following, findings=findings, is_first=before is None)


@router.get("/runs/{reference}")
def run(request: Request, reference: str) -> HTMLResponse:
    """Show one run feed by feed; `latest` is the last one."""
    with room_of(request).view() as connection:
        report = run_report(connection, reference)
        flow_run = flow_run_of(connection, report.run_id)
        can_rerun = bool(feeds_without_answer(connection, report.run_id))
        notices = notices_of_run(connection, report.run_id)
    return page(
        request,
        "run.html",
        report=report,
        took=_took(report),
        flow_run=flow_run,
        prefect=_prefect(room_of(request)) if flow_run else None,
        can_rerun=can_rerun,
        read=readings(report.meaning),
        told=[notice_sentence(notice) for notice in notices],
    )


def _prefect(room: ReadingRoom) -> str | None:
    """Return where a browser finds flow runs, looked for once a minute; None where no Prefect serves."""
    return room.shelf.get("prefect", lambda: flow_run_page(room.settings))


def _took(report: RunReport) -> float | None:
    return None if report.finished_at is None else (report.finished_at - report.started_at).total_seconds()

"""This morning: the last night on one screen."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection

from flows.upkeep.telling.alerts import look
from flows.upkeep.telling.health import Finding
from flows.web.content.cards import cards, cards_by_id, folded
from flows.web.content.corrected import corrected
from flows.web.reading import ReadingRoom, room_of
from flows.web.rendering import page
from models.errors import NotFound
from models.queries.ledger.nights import (
    CorrectionsWanted,
    Night,
    corrections,
    count_corrections,
    find_night,
    news_by_topic,
    vanished,
)
from models.queries.ledger.runs import run_report
from models.reports import Counts, PageCounts, RunReport

router = APIRouter()
_PER_TOPIC: Final = 5
_CORRECTIONS: Final = 12
_VANISHED: Final = 12


@router.get("/")
def morning(request: Request, run: Annotated[str, Query(max_length=18)] = "") -> HTMLResponse:
    """Show a night, by default the last one."""
    room = room_of(request)
    with room.view() as connection:
        try:
            night = find_night(connection, run or None)
        except NotFound:
            if run:
                raise
            return page(request, "empty.html")
        values = _values(connection, night)
    needs = needs_person(room)
    return page(request, "morning.html", night=night, needs=needs, is_latest=night.after is None, **values)


def needs_person(room: ReadingRoom) -> list[Finding]:
    """Return what needs a person now, looked at once a minute."""
    return room.shelf.get("health", lambda: look(room.settings, room.engine, room.clock().astimezone(room.zone)))


def _values(connection: Connection, night: Night) -> dict[str, Any]:
    news = news_by_topic(connection, night.run_ids, _PER_TOPIC)
    by_id = cards_by_id(connection, [one for topic in news for cluster in topic.clusters for one in cluster])
    changed = corrections(connection, CorrectionsWanted(run_ids=night.run_ids, most=_CORRECTIONS))
    gone = vanished(connection, night.run_ids)
    reports = [run_report(connection, run_id) for run_id in night.run_ids]
    return {
        "topics": [(topic, [folded([by_id[one] for one in ids]) for ids in topic.clusters]) for topic in news],
        "new": sum(topic.count for topic in news),
        "corrected": corrected(connection, changed),
        "corrections": count_corrections(connection, night.run_ids),
        "gone": cards(connection, gone[:_VANISHED]),
        "vanished": len(gone),
        "reports": reports,
        "totals": Counts.total(report.totals for report in reports),
        "pages": PageCounts.total(report.pages for report in reports),
        "unanswered": _unanswered(reports),
        "asked": len({feed.feed for report in reports for feed in report.feeds}),
        "finished_at": _finished(reports),
    }


def _unanswered(reports: list[RunReport]) -> list[Any]:
    """Return the last row of each feed that gave nothing, in the order of feeds.yaml."""
    last = {feed.feed: feed for report in reports for feed in report.feeds}
    return [feed for feed in last.values() if feed.status in {"failed", "gone", "skipped"}]


def _finished(reports: list[RunReport]) -> datetime | None:
    return max((report.finished_at for report in reports if report.finished_at), default=None)

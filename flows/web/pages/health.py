"""What needs a person, and how many stories wait for one."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from flows.steps.vectors import encoder_version
from flows.web.pages.morning import needs_person
from flows.web.reading import room_of
from flows.web.rendering import page
from models.queries.filters import StoryFilter, count_stories
from models.waiting import count_waiting

router = APIRouter()


@router.get("/health")
def health(request: Request) -> HTMLResponse:
    """Show what the command `health` says."""
    room = room_of(request)
    with room.view() as connection:
        doubtful = count_stories(connection, StoryFilter(needs_review=True))
        waiting = count_waiting(connection)
    return page(
        request,
        "health.html",
        findings=needs_person(room),
        doubtful=doubtful,
        waiting=waiting if encoder_version() is not None else 0,
        looked_at=room.clock(),
    )

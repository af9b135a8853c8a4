"""About the data: what it is made of, what its topics mean, how good it was measured to be, where it ends."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from config.quality import HEADLINES, gate_by_language, topic_figures
from flows.web.content.measured import measured
from flows.web.reading import room_of
from flows.web.rendering import page
from models.queries.ledger.extent import Extent, extent
from models.queries.ledger.feeds import list_topics

router = APIRouter()


@router.get("/about")
def about(request: Request) -> HTMLResponse:
    """Say what the archive holds and what it cannot know."""
    room = room_of(request)

    def read() -> Extent:
        with room.view() as connection:
            return extent(connection)

    with room.view() as connection:
        topics = list_topics(connection)
    return page(
        request,
        "about.html",
        extent=room.shelf.get("extent", read),
        topics=topics,
        measured=list(measured()),
        judged=topic_figures()["all"]["labelled"],
        headlines=HEADLINES,
        languages=gate_by_language(),
    )

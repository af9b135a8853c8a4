"""Search: words and choices in the address, the choices with their counts, a timeline, and a way on."""

from io import BytesIO
from threading import BoundedSemaphore
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from flows.exports.registry import FORMATS
from flows.web.content.asking import Asked, Question, place_text
from flows.web.content.cards import found_card
from flows.web.content.charts import chart_of
from flows.web.content.choices import choices_of, others_of
from flows.web.content.exporting import MOST_STORIES, as_feed, export_ranked_among, write
from flows.web.reading import room_of
from flows.web.rendering import address, page
from flows.web.spool import while_written
from models.queries.searching.search import FoundStory
from models.queries.searching.search import results as find

router = APIRouter()
_PAGE: Final = 20
_AT_ONCE: Final = 2  # exports at work: each holds a view of the archive
_exports = BoundedSemaphore(_AT_ONCE)
_GOING_OUT: Final = 8  # files, each of some 50 MB at most, for readers who may be slow
_files = BoundedSemaphore(_GOING_OUT)
_KINDS: Final = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}
_FEEDS: Final = {"atom": "application/atom+xml; charset=utf-8", "jsonfeed": "application/feed+json"}

After = Annotated[str, Query(max_length=100)]


@router.get("/search")
def search(request: Request, asked: Asked, after: After = "") -> HTMLResponse:
    """Show what a search finds."""
    room = room_of(request)
    wanted = asked.request(room, _PAGE + 1, after)
    with room.view() as connection:
        results = find(connection, wanted)
        choices = choices_of(room, connection, wanted)
        found = results.stories
        others = [] if found or after else others_of(room, connection, wanted)
    return page(
        request,
        "search.html",
        asked=asked,
        cards=[found_card(story) for story in found[:_PAGE]],
        total=choices.total,
        facets=choices.facets,
        chart=chart_of(choices.days),
        others=others,
        among=results.ranked_among,
        is_first=not after,
        next=_next(asked, found),
        most_exported=MOST_STORIES,
    )


@router.get("/export.{kind}")
def export(request: Request, kind: str, asked: Asked) -> StreamingResponse:
    """Send what a search finds as a file: of many stories, the first of them."""
    if kind not in _KINDS or kind not in FORMATS:
        raise HTTPException(404, "There is no such format.")
    room = room_of(request)
    among = export_ranked_among(room, asked, kind)
    _take_turn(_exports, _files)
    file = while_written(lambda out: write(room, asked, kind, out), _exports.release, _files.release)
    headers = {"content-disposition": f'attachment; filename="stories.{kind}"', "x-streamed": "1"}
    if among is not None:
        headers["x-ranked-among"] = str(among)
    return StreamingResponse(file, media_type=_KINDS[kind], headers=headers)


@router.get("/feed.{kind}")
def feed(request: Request, kind: str, asked: Asked) -> Response:
    """Send the newest stories of a search as a feed, for a reader of feeds to follow."""
    if kind not in _FEEDS:
        raise HTTPException(404, "There is no such feed; there are feed.atom and feed.jsonfeed.")
    url = str(request.base_url).rstrip("/") + address(f"/feed.{kind}", as_feed(asked).query())
    body = BytesIO()
    _take_turn(_exports)
    try:
        write(room_of(request), asked, kind, body, url)
    finally:
        _exports.release()
    return Response(body.getvalue(), media_type=_FEEDS[kind])


def _take_turn(*bounds: BoundedSemaphore) -> None:
    """Begin an export within these bounds; at its end each is given back."""
    for at, bound in enumerate(bounds):
        if not bound.acquire(blocking=False):
            for taken in bounds[:at]:
                taken.release()
            raise HTTPException(503, "Others are exporting: try again in a moment.")


def _next(asked: Question, found: list[FoundStory]) -> str | None:
    if len(found) <= _PAGE:
        return None
    pairs: list[tuple[str, Any]] = [*asked.query(), ("after", place_text(found[_PAGE - 1].place))]
    return address("/search", pairs)

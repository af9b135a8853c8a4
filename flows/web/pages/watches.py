"""Saved searches: all of them, what has met one, and that as a feed."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from flows.web.content.cards import cards_by_id
from flows.web.content.watched import atom_of, page_of, question_of, states_of, watch_of, watches_of
from flows.web.reading import room_of
from flows.web.rendering import address, page
from models.errors import NotFound
from models.queries.notices import last_notices

router = APIRouter()
_PAGE: Final = 20


@router.get("/watches")
def watches(request: Request) -> HTMLResponse:
    """List the saved searches with how many stories have met each."""
    room = room_of(request)
    listed = watches_of(room)
    states = states_of(room)
    with room.view() as connection:
        notices = last_notices(connection)
    failed = {one.watch for one in notices if one.refusal}
    shown = [(watch, question_of(watch), states.get(watch.name), watch.name in failed) for watch in listed or ()]
    return page(request, "watches.html", watches=shown, is_broken=listed is None)


@router.get("/watches/{name}.atom")
def feed(request: Request, name: str) -> Response:
    """Send what has met a watch as a feed, where it is to be one."""
    room = room_of(request)
    watch = watch_of(room, name)
    if not watch.has_feed:
        raise NotFound(f'The watch "{name}" is no feed: nothing in its `to` is atom.')
    with room.view() as connection:
        return Response(
            atom_of(connection, watch, states_of(room).get(name)), media_type="application/atom+xml; charset=utf-8"
        )


@router.get("/watches/{name}")
def watch(request: Request, name: str, after: Annotated[str, Query(max_length=100)] = "") -> HTMLResponse:
    """Show what has met a watch, the latest first."""
    room = room_of(request)
    found = watch_of(room, name)
    with room.view() as connection:
        met, more = page_of(connection, name, _PAGE, after)
        by_id = cards_by_id(connection, [one.story_id for one in met])
        notices = [one for one in last_notices(connection) if one.watch == name]
    return page(
        request,
        "watch.html",
        watch=found,
        asked=question_of(found),
        state=states_of(room).get(name),
        matches=[(one, by_id[one.story_id]) for one in met],
        notices=notices,
        is_first=not after,
        next=address(f"/watches/{name}", {"after": more}) if more else None,
    )

"""The outlets: all of them, and one with its volume, its state and its newest stories."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from flows.web.content.cards import found_card
from flows.web.content.volume import volume
from flows.web.reading import room_of
from flows.web.rendering import page
from models.errors import NotFound
from models.queries.filters import StoryFilter
from models.queries.ledger.counts import CountRequest
from models.queries.ledger.feeds import FeedSummary, list_feeds
from models.queries.ledger.one_feed import nights_of_feed
from models.queries.searching.search import Order, SearchRequest, search

router = APIRouter()
_NEWEST: Final = 15
_NIGHTS: Final = 14


@router.get("/outlets")
def outlets(request: Request) -> HTMLResponse:
    """List the outlets with their state."""
    room = room_of(request)

    def read() -> list[FeedSummary]:
        with room.view() as connection:
            return list_feeds(connection)

    return page(request, "outlets.html", feeds=room.shelf.get("feeds", read))


@router.get("/outlets/{feed_id}")
def outlet(request: Request, feed_id: str) -> HTMLResponse:
    """Show an outlet."""
    room = room_of(request)
    narrowing = StoryFilter(feeds=(feed_id,))
    with room.view() as connection:
        feed = next((one for one in list_feeds(connection) if one.id == feed_id), None)
        if feed is None:
            raise NotFound(f'There is no outlet "{feed_id}" in this archive.')
        found = search(connection, SearchRequest(filter=narrowing, order=Order.NEWEST, limit=_NEWEST))
        nights = nights_of_feed(connection, feed_id, _NIGHTS)
        drawn = volume(connection, CountRequest(feeds=(feed_id,)))
    return page(
        request, "outlet.html", feed=feed, cards=[found_card(one) for one in found], nights=nights, volume=drawn
    )

"""Topics and languages: all of them, and one with its volume, its share and its newest stories."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from msgspec import Struct

from flows.web.content.cards import found_card
from flows.web.content.volume import volume
from flows.web.reading import room_of
from flows.web.rendering import page
from flows.web.words import language_name
from models.errors import NotFound
from models.queries.filters import StoryFilter
from models.queries.ledger.counts import CountRequest, language_tags
from models.queries.ledger.feeds import TopicSummary, list_topics
from models.queries.searching.facets import language_facets
from models.queries.searching.search import Order, SearchRequest, search

router = APIRouter()
_NEWEST: Final = 15


class _Group(Struct, frozen=True, kw_only=True):
    """A topic or a language."""

    kind: str  # as the address of a search names it
    value: str
    name: str
    definition: str

    @property
    def counted(self) -> CountRequest:
        """Return how it is counted."""
        return CountRequest(topics=(self.value,)) if self.kind == "topic" else CountRequest(languages=(self.value,))


@router.get("/topics")
def topics(request: Request) -> HTMLResponse:
    """List the topics and the languages with how many stories have them."""
    room = room_of(request)

    def read() -> list[TopicSummary]:
        with room.view() as connection:
            return list_topics(connection)

    def count() -> tuple[object, ...]:
        with room.view() as connection:
            return language_facets(connection, SearchRequest())

    found = sorted(room.shelf.get("topics", read), key=lambda topic: (-topic.stories, topic.id))
    return page(request, "topics.html", topics=found, languages=room.shelf.get("languages", count))


@router.get("/topics/{topic_id}")
def topic(request: Request, topic_id: str) -> HTMLResponse:
    """Show a topic."""
    with room_of(request).view() as connection:
        found = next((one for one in list_topics(connection) if one.id == topic_id), None)
    if found is None:
        raise NotFound(f'There is no topic "{topic_id}" in this archive.')
    group = _Group(kind="topic", value=topic_id, name=found.name, definition=found.definition)
    return _shown(request, StoryFilter(topics=(topic_id,)), group)


@router.get("/languages/{tag}")
def language(request: Request, tag: str) -> HTMLResponse:
    """Show what there is in a language."""
    with room_of(request).view() as connection:
        known = {one.partition("-")[0] for one in language_tags(connection)}
    if tag not in known:
        raise NotFound(f'There is no language "{tag}" in this archive.')
    group = _Group(kind="lang", value=tag, name=language_name(tag), definition="")
    return _shown(request, StoryFilter(languages=(tag,)), group)


def _shown(request: Request, narrowing: StoryFilter, group: _Group) -> HTMLResponse:
    with room_of(request).view() as connection:
        found = search(connection, SearchRequest(filter=narrowing, order=Order.NEWEST, limit=_NEWEST))
        drawn = volume(connection, group.counted)
    return page(
        request,
        "group.html",
        kind=group.kind,
        value=group.value,
        name=group.name,
        definition=group.definition,
        cards=[found_card(one) for one in found],
        volume=drawn,
    )

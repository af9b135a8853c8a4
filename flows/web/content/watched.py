"""The saved searches as the pages show them."""

from io import BytesIO
from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection

from config.watches import load_watches
from flows.exports.atom import write_atom
from flows.exports.context import ExportContext
from flows.exports.feed_head import watch_head
from flows.web.content.asking import Question, place_of, place_text
from flows.web.reading import ReadingRoom
from models.errors import ConfigError, NotFound
from models.queries.searching.search import Order, ResultPlace
from models.queries.stories import load_stories
from models.queries.watches import Match, WatchState, matches, watch_states
from models.watches import Watch

_MOST_ENTRIES: Final = 100  # of a feed, which is asked for again and again


def watches_of(room: ReadingRoom) -> tuple[Watch, ...] | None:
    """Return the saved searches, read once a minute; None where their file has a mistake, which health tells of."""

    def read() -> tuple[Watch, ...] | None:
        try:
            return load_watches(room.settings)
        except ConfigError:
            return None

    return room.shelf.get("watches", read)


def watch_of(room: ReadingRoom, name: str) -> Watch:
    """Return a saved search. Raise NotFound."""
    found = next((watch for watch in watches_of(room) or () if watch.name == name), None)
    if found is None:
        raise NotFound(f'There is no watch "{name}" here.')
    return found


def states_of(room: ReadingRoom) -> dict[str, WatchState]:
    """Return how the watches stand that a night has looked for, counted once a minute: nights alone change it."""

    def read() -> dict[str, WatchState]:
        with room.view() as connection:
            return watch_states(connection)

    return room.shelf.get("watch states", read)


def page_of(connection: Connection, name: str, limit: int, after: str) -> tuple[list[Match], str | None]:
    """Return a page of what has met a watch, the latest first, and the place at its end; None on the last page."""
    place = place_of(after)
    met = matches(connection, name, limit + 1, (place.sort_at, place.id) if place else None)
    if len(met) <= limit:
        return met, None
    last = met[limit - 1]
    return met[:limit], place_text(ResultPlace(sort_at=last.matched_at, id=last.story_id))


def question_of(watch: Watch) -> Question:
    """Return a saved search as one that a reader asks."""
    return Question(
        words=watch.query or "",
        topics=watch.topics,
        feeds=watch.feeds,
        languages=watch.languages,
        order=Order.NEWEST,
    )


def atom_of(connection: Connection, watch: Watch, state: WatchState | None) -> bytes:
    """Write the latest that has met a watch as a feed; the same bytes as long as nothing more has."""
    found = matches(connection, watch.name, _MOST_ENTRIES)
    context = ExportContext(head=watch_head(watch.name))
    if state is not None:  # else no night has looked for it yet
        context = replace(context, made_at=max([state.began_at, *(one.matched_at for one in found)]))
    out = BytesIO()
    write_atom(load_stories(connection, [one.story_id for one in found]), out, context)
    return out.getvalue()

"""A search as a file or a feed."""

from collections.abc import Iterator
from typing import BinaryIO, Final

from msgspec.structs import replace
from sqlalchemy import Connection

from flows.exports.context import ExportContext
from flows.exports.feed_head import feed_head
from flows.exports.registry import FORMATS
from flows.web.content.asking import Question
from flows.web.reading import ReadingRoom
from models.queries.ledger.nights import last_changed_at
from models.queries.searching.search import Order, SearchRequest, ranked_among, search_ids
from models.queries.stories import StoryRecord, load_stories
from models.storage.database import batches

MOST_STORIES: Final = 10_000  # of one file; the command writes all
_MOST_ENTRIES: Final = 100  # of a feed, which is asked for again and again


def write(room: ReadingRoom, asked: Question, kind: str, out: BinaryIO, url: str | None = None) -> None:
    """Write what a search finds, from one view of the archive; a feed says at which address it is."""
    with room.view() as connection:
        context = replace(_context(room, connection), head=feed_head(as_feed(asked).query(), url))
        FORMATS[kind].write(_stories(connection, _wanted(room, asked, kind)), out, context)


def export_ranked_among(room: ReadingRoom, asked: Question, kind: str) -> int | None:
    """Return among how many of the stories that came in last an export has the best; None: among all."""
    with room.view() as connection:
        return ranked_among(connection, _wanted(room, asked, kind))


def as_feed(asked: Question) -> Question:
    """Return what a feed of it is: the newest come first in any case."""
    return replace(asked, order=Order.RELEVANCE)


def _wanted(room: ReadingRoom, asked: Question, kind: str) -> SearchRequest:
    """Return the search of an export; a feed's is that of its newest stories."""
    if FORMATS[kind].is_newest_first:
        return replace(asked, order=Order.NEWEST).request(room, _MOST_ENTRIES)
    return asked.request(room, MOST_STORIES)


def _context(room: ReadingRoom, connection: Connection) -> ExportContext:
    """Return when the export is made: when something last changed, so that a feed that did not is the same bytes."""
    return ExportContext(made_at=last_changed_at(connection) or room.clock())


def _stories(connection: Connection, wanted: SearchRequest) -> Iterator[StoryRecord]:
    for ids in batches(search_ids(connection, wanted), 100):
        yield from load_stories(connection, ids)

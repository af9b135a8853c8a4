"""What stands beside the results of a search: how many there are, on which days, and what would narrow them."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from sqlalchemy import Connection

from flows.web.reading import ReadingRoom
from models.queries.changes import last_written
from models.queries.searching.facets import Facets, days_of, facets
from models.queries.searching.search import SearchRequest
from models.queries.searching.suggestions import Suggestion, suggest


class Choices(Struct, frozen=True, kw_only=True):
    """Counts of all that a search finds, whichever of its pages is shown."""

    total: int
    facets: Facets
    days: dict[date, int]


def choices_of(room: ReadingRoom, connection: Connection, wanted: SearchRequest) -> Choices:
    """Return the counts of a search, kept as the shelf keeps them: each of its pages asks for them."""

    def count() -> Choices:
        days = days_of(connection, wanted, room.zone)
        return Choices(total=sum(days.values()), facets=facets(connection, wanted), days=days)

    return room.shelf.get((wanted.query, wanted.filter), count, last_written(connection))


def others_of(room: ReadingRoom, connection: Connection, wanted: SearchRequest) -> Sequence[Suggestion]:
    """Return what to try where a search finds nothing, kept as its counts are."""
    key = ("others", wanted.query, wanted.filter)
    return room.shelf.get(key, lambda: suggest(connection, wanted), last_written(connection))

"""What stands beside the results of a search: how many there are, on which days, and what would narrow them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from flows.web.reading import ReadingRoom
from models.queries.searching.facets import Facets, days_of, facets
from models.queries.searching.search import SearchRequest, count_found


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Counts of all that a search finds, whichever of its pages is shown."""

    total: int
    facets: Facets
    days: dict[date, int]


def choices_of(room: ReadingRoom, connection: Connection, wanted: SearchRequest) -> Choices:
    """Return the counts of a search, kept for a minute: each of its pages asks for them."""

    def count() -> Choices:
        return Choices(
            total=count_found(connection, wanted),
            facets=facets(connection, wanted),
            days=days_of(connection, wanted, room.zone),
        )

    return room.shelf.get((wanted.query, wanted.filter), count)

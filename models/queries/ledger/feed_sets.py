"""The feeds behind the names in story_counts.feeds: that of one feed is its id, that of several a set's."""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, Connection, select

from models._sql.lists import is_one_of
from models.tables.counts import FeedSet


class FeedSets(Struct, frozen=True):
    """The feeds of each set, by its name."""

    members: dict[str, tuple[str, ...]]

    @classmethod
    def read(cls, connection: Connection) -> "FeedSets":
        """Read all sets."""
        rows = connection.execute(select(FeedSet.name, FeedSet.feeds)).tuples()
        return cls({name: tuple(feeds.split(" ")) for name, feeds in rows})

    def of(self, name: str) -> tuple[str, ...]:
        """Return the feeds behind a name."""
        return self.members.get(name, (name,))

    def that_hold(self, feeds: Iterable[str]) -> list[str]:
        """Return the names of the sets that have any of these feeds."""
        chosen = frozenset(feeds)
        return [name for name, ids in self.members.items() if not chosen.isdisjoint(ids)]

    def hold_any(self, column: Column[str], feeds: Sequence[str]) -> ColumnElement[bool]:
        """Tell whether the name in a count's row stands for any of these feeds."""
        # As one parameter: there may be more sets of feeds than a statement may have of them.
        return is_one_of(column, "names", [*feeds, *self.that_hold(feeds)])

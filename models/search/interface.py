"""What the archive asks of a search index, whichever database keeps it."""

from collections.abc import Collection, Iterable, Sequence
from enum import Enum
from typing import Final, Protocol

from msgspec import Struct
from sqlalchemy import Connection, Double, FromClause, Select, cast, select

from models.search.query import Query

TABLE_PREFIX: Final = "story_search"  # of the index's own tables, which models.tables does not have


class SearchRow(Struct, frozen=True, kw_only=True):
    """A story's words, as stored; the index normalises them itself."""

    story_id: int
    title: str
    text: str
    language: str | None = None  # whose word forms are indexed beside the words; None: the words alone
    words: tuple[str, ...] = ()  # what models.search.prepared makes of it, where that was done before


class InTitle(Enum):
    """How a title says all that a query asks for. What does so ranks by that alone, before all that does not."""

    WORDS = "words"  # in the very words
    FORMS = "forms"  # not in the very words, but with other forms of them

    @property
    def rank(self) -> float:
        """Return how such a story ranks."""
        return 2e6 if self is InTitle.WORDS else 1e6

    def may_say(self, query: Query) -> bool:
        """Tell whether a title can say it so: none says what is not there, and some words have no other forms."""
        return bool(query.groups) and (self is InTitle.WORDS or query.has_forms)


BELOW_TITLES: Final = 1e5  # what else a query finds ranks lower: its fifty words, in all forms, weigh half of that


class Among(Struct, frozen=True, kw_only=True):
    """Among which stories a query looks: all of them, where nothing is said."""

    first: int | None = None  # those whose id is this one or a higher one
    title: InTitle | None = None  # those whose title says it so


EVERY_STORY: Final = Among()


class CameLast(Struct, frozen=True, kw_only=True):
    """What a query finds of the stories that came in last."""

    story_ids: Sequence[int]
    first: int | None = None  # from this id on they are all that it finds; None: they are all


class Best(Struct, frozen=True, kw_only=True):
    """How many of the best: of those that rank alike, those that came in last, among which the newest are."""

    count: int
    at_most: float | None = None  # none that ranks higher
    by_words: bool = False  # all rank by all of their words, whatever their titles say

    def of(self, matches: FromClause) -> Select[tuple[int, float]]:
        """Return them with their ranks, of what an index found with a rank."""
        rank = cast(matches.c.rank, Double)  # a narrower number would not equal what was read of it
        best = select(matches.c.story_id, rank.label("rank")).order_by(rank.desc(), matches.c.story_id.desc())
        return (best if self.at_most is None else best.where(rank <= self.at_most)).limit(self.count)


class SearchIndex(Protocol):
    """Which stories hold which words. Derived data: it can be made again from the stories at any time."""

    few: int  # stories that a query finds, of which all are looked up to sort them; of more, the newest first

    def create(self, connection: Connection) -> None:
        """Make the index's tables, empty."""

    def drop(self, connection: Connection) -> None:
        """Take the index's tables away."""

    def index(self, connection: Connection, rows: Iterable[SearchRow]) -> None:
        """Take stories in, or their new words in place of their old ones."""

    def remove(self, connection: Connection, story_ids: Iterable[int]) -> None:
        """Have stories found no more; those that it does not hold are passed over."""

    def erase(self, connection: Connection, story_ids: Collection[int], wordings: Iterable[SearchRow]) -> None:
        """Take stories out with their words; given all wordings that they may have been indexed with."""

    def forget(self, connection: Connection, shown: Iterable[SearchRow]) -> None:
        """Overwrite what erased stories left in the index's own tables; given all that are shown.

        It takes as long as copying the index. Where the words of an erased story were not among those told, as after an
        upgrade that reads words otherwise, it is made anew. What lies in the database's free space is not reached.
        """

    def came_last(self, connection: Connection, query: str, most: int, title: InTitle | None = None) -> CameLast | None:
        """Return all that a query finds where it is at most so many, else at least as many of those that came in last.

        Of those alone whose title says it so, where that is wanted. None: it is more, and the index does not tell at
        once which of them came in last.
        """

    def border(self, connection: Connection, query: str, most: int) -> int | None:
        """Return the id from which on are the `most` that came in last of what a query finds; None: it finds no more.

        On SQLite a story counts where its first row has the query's words or had them: where texts changed since, from
        that id on are somewhat more or fewer of those that it finds.
        """

    def best(self, connection: Connection, query: str, wanted: Best, among: Among) -> dict[int, float]:
        """Return the ranks of the best that a query with words finds, by story_id."""

    def best_of_few(self, connection: Connection, query: str, wanted: Best, most: int) -> dict[int, float] | None:
        """Return the best of all that it finds, which are at most so many; None: they are more, or look as if."""

    def matches(
        self, connection: Connection, query: str, among: Among = EVERY_STORY, *, with_rank: bool = False
    ) -> FromClause:
        """Return what a person's query finds, with the column story_id; with rank too, a higher one before a lower one.

        Any text is a query: "words in a row", prefix*, -without, one OR another; all words must be there, each in any
        of its forms. What makes no sense as such is read as plain words, and a query without any word finds nothing.
        """

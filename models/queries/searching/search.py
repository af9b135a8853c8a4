"""Search: which stories answer a query, or all of them, the best or the newest first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, Row, func, select

from models._sql.lists import is_one_of
from models.queries.searching.asking import Order as Order
from models.queries.searching.asking import ResultPlace as ResultPlace
from models.queries.searching.asking import SearchRequest as SearchRequest
from models.queries.searching.asking import narrowed as narrowed
from models.queries.searching.best import ranked_among as ranked_among
from models.queries.searching.ordering import RankedPlace
from models.queries.searching.places import places
from models.queries.searching.snippets import Snippet, found_in, snippet
from models.queries.stories import feeds_of, topics_of
from models.stages import TopicScore
from models.tables.keys import table_of
from models.tables.labels import ClassificationRow
from models.tables.stories import Story, StoryVersion

# Joined from outside: a pointer that leads nowhere must not hide its story.
_SHOWN: Final = (
    select(
        Story.id,
        Story.uid,
        Story.title,
        Story.url,
        Story.published_at,
        Story.sort_at,
        Story.language,
        Story.relevant_at,
        Story.cluster_id,
        Story.classification_id,
        Story.revisions,
        func.coalesce(StoryVersion.text, "").label("text"),
        ClassificationRow.relevance,
        ClassificationRow.needs_review,
    )
    .join(StoryVersion, StoryVersion.id == Story.version_id, isouter=True)
    .join(ClassificationRow, ClassificationRow.id == Story.classification_id, isouter=True)
    .where(is_one_of(table_of(Story).c.id, "ids"))
)


class FoundStory(Struct, frozen=True, kw_only=True):
    """A story in a list of results."""

    id: int
    uid: str
    title: str
    url: str | None
    published_at: datetime | None
    sort_at: datetime
    language: str | None
    is_relevant: bool
    needs_review: bool
    relevance: float | None
    cluster_id: int
    feeds: tuple[str, ...]
    topics: tuple[TopicScore, ...]
    snippet: Snippet
    title_marks: tuple[tuple[int, int], ...] = ()  # code points of the title that the query asks for
    revisions: int = 0
    rank: float | None = None  # None: not ranked

    @property
    def place(self) -> ResultPlace:
        """Return where a list goes on behind this story."""
        return ResultPlace(sort_at=self.sort_at, id=self.id, rank=self.rank)


class Results(Struct, frozen=True, kw_only=True):
    """What a search found."""

    stories: list[FoundStory]
    ranked_among: int | None  # they are the best of so many that came in last; None: of all


def search(connection: Connection, wanted: SearchRequest) -> list[FoundStory]:
    """Return the stories that are wanted, in order, as `results` does."""
    return results(connection, wanted).stories


def results(connection: Connection, wanted: SearchRequest) -> Results:
    """Return the stories that are wanted, in order, and among how many the best were looked for.

    Stories that are not about climate have no place in the index. Where they are wanted too, their words are compared
    as they are written, accents and all, wherever they stand in the text.
    """
    ranked = places(connection, wanted)
    found = _rows(connection, ranked.found)
    feeds = feeds_of(connection, [row.id for row, _ in found])
    topics = topics_of(connection, [row.classification_id for row, _ in found if row.classification_id])
    query = wanted.query or ""
    stories = [
        replace(_found(row, feeds[row.id], topics[row.classification_id], query), rank=rank) for row, rank in found
    ]
    return Results(stories=stories, ranked_among=ranked.ranked_among)


def search_ids(connection: Connection, wanted: SearchRequest) -> list[int]:
    """Return the ids of the stories that are wanted, in order."""
    return [place.id for place in places(connection, wanted, earliest=True).found]


def count_found(connection: Connection, wanted: SearchRequest) -> int:
    """Count the stories that are wanted, whatever the limit."""
    counted = func.count(Story.cluster_id.distinct()) if wanted.filter.unique else func.count()
    plain = replace(wanted, filter=replace(wanted.filter, unique=False))
    return connection.scalar(narrowed(connection, select(counted).select_from(Story), plain)) or 0


def _rows(connection: Connection, found: Sequence[RankedPlace]) -> list[tuple[Row[Any], float | None]]:
    """Return what is shown of stories, in order, each with its rank."""
    ranks = {place.id: place.rank for place in found}
    if not ranks:
        return []
    rows = {row.id: row for row in connection.execute(_SHOWN, {"ids": list(ranks)})}
    return [(rows[story_id], rank) for story_id, rank in ranks.items()]


def _found(row: Row[Any], feeds: tuple[str, ...], topics: tuple[TopicScore, ...], query: str) -> FoundStory:
    return FoundStory(
        id=row.id,
        uid=row.uid,
        title=row.title,
        url=row.url,
        published_at=row.published_at,
        sort_at=row.sort_at,
        language=row.language,
        is_relevant=row.relevant_at is not None,
        needs_review=bool(row.needs_review),
        relevance=row.relevance,
        cluster_id=row.cluster_id,
        feeds=feeds,
        topics=topics,
        snippet=snippet(row.text, query, row.language),
        title_marks=tuple(found_in(row.title, query, row.language)),
        revisions=row.revisions,
    )

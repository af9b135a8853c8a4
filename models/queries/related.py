"""Stories that tell of the same in other words or other languages: a weaker relation than a copy, by their vectors."""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, select

from models.queries.filters import StoryFilter, conditions
from models.tables.stories import Story
from models.tables.vectors import StoryVector

DAYS: Final = timedelta(days=3)
LEAST_SIMILAR: Final = 0.6  # cosine
_MOST_COMPARED: Final = 20_000  # the nearest days first would need a sort: the window is small enough


class RelatedStory(Struct, frozen=True, kw_only=True):
    """A story that is related to another."""

    id: int
    uid: str
    title: str
    url: str | None
    language: str | None
    sort_at: datetime
    similarity: float  # cosine of the vectors


def related_stories(connection: Connection, story_id: int, limit: int = 5) -> list[RelatedStory]:
    """Return the stories of the same days that are nearest in meaning, no copy among them, of a cluster only one.

    None where the story has no vector, or the library that reads vectors is not installed.
    """
    columns = (Story.sort_at, Story.cluster_id, StoryVector.encoder, StoryVector.vector)
    mine = connection.execute(
        select(*columns).join(StoryVector, StoryVector.story_id == Story.id).where(Story.id == story_id)
    ).one_or_none()
    if mine is None:
        return []
    query = (
        select(Story.id, StoryVector.vector)
        .join(StoryVector, StoryVector.story_id == Story.id)
        .where(Story.sort_at.between(mine.sort_at - DAYS, mine.sort_at + DAYS), Story.cluster_id != mine.cluster_id)
        .where(StoryVector.encoder == mine.encoder, *conditions(StoryFilter()))
        .order_by(Story.sort_at.desc(), Story.id.desc())
        .limit(_MOST_COMPARED)
    )
    near = _nearest(mine.vector, dict(connection.execute(query).tuples().all()), limit * 4)
    shown = select(Story).where(Story.id.in_(near))
    rows = {row.id: row for row in connection.execute(shown.with_only_columns(*_COLUMNS))}
    of_clusters = {rows[one].cluster_id: one for one in reversed(near)}
    chosen = [one for one in near if one in set(of_clusters.values())][:limit]
    return [
        RelatedStory(
            id=one,
            uid=rows[one].uid,
            title=rows[one].title,
            url=rows[one].url,
            language=rows[one].language,
            sort_at=rows[one].sort_at,
            similarity=near[one],
        )
        for one in chosen
    ]


_COLUMNS = (Story.id, Story.uid, Story.title, Story.url, Story.language, Story.sort_at, Story.cluster_id)


def _nearest(vector: bytes, others: dict[int, bytes], most: int) -> dict[int, float]:
    """Return the likest stories with their cosine, the likest first."""
    try:
        import numpy as np  # of the extra [meaning], as the vectors are; no other query needs it
    except ImportError:
        return {}
    whole = {story_id: one for story_id, one in others.items() if len(one) == len(vector)}
    if not whole:
        return {}
    matrix = np.frombuffer(b"".join(whole.values()), dtype="<f2").reshape(len(whole), -1).astype("f4")
    found = matrix @ np.frombuffer(vector, dtype="<f2").astype("f4")
    ids = list(whole)
    ranked = np.argsort(-found, kind="stable")[:most]
    return {ids[at]: float(found[at]) for at in ranked if found[at] >= LEAST_SIMILAR}

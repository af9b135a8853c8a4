"""The original documents behind stories: article pages, the feed documents that brought them, what was handed in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Select, and_, func, literal, null, select

from models.tables.documents import RawBlob
from models.tables.feeds import Feed
from models.tables.runs import FeedRun, Fetch
from models.tables.stories import Story, StoryVersion


class Capture(Struct, frozen=True, kw_only=True):
    """A document as it was met for a story."""

    story_id: int
    kind: str  # page | feed | import
    url: str | None
    at: datetime
    status: int | None
    headers: tuple[tuple[str, str], ...]  # of the response, as far as they were kept
    digest: str
    content_type: str


def captures_of(connection: Connection, story_ids: Sequence[int]) -> list[Capture]:
    """Return the documents of these stories, a story's in the order in which they came."""
    found = [
        _capture(row)
        for query in (_pages(), _feed_documents(), _imports())
        for row in _read(connection, query, story_ids)
    ]
    return sorted(set(found), key=lambda one: (one.story_id, one.at, one.kind, one.digest))


def _read(connection: Connection, query: Select[Any], story_ids: Sequence[int]) -> Sequence[Any]:
    return connection.execute(query.where(StoryVersion.story_id.in_(story_ids))).all()


def _pages() -> Select[Any]:
    columns = (Fetch.url, Fetch.started_at, Fetch.status, Fetch.headers, Fetch.digest)
    query = select(Fetch.story_id, literal("page"), *columns, func.coalesce(RawBlob.content_type, ""))
    of_story = StoryVersion.story_id == Fetch.story_id
    return query.join(StoryVersion, of_story).join(RawBlob, RawBlob.digest == Fetch.digest, isouter=True)


def _feed_documents() -> Select[Any]:
    brought = and_(FeedRun.run_id == StoryVersion.run_id, FeedRun.feed_id == StoryVersion.feed_id)
    asked = and_(
        Fetch.run_id == FeedRun.run_id, Fetch.feed_id == FeedRun.feed_id, Fetch.digest == FeedRun.document_digest
    )
    url, status = func.coalesce(Fetch.url, Feed.current_url), func.coalesce(Fetch.status, 200)
    columns = (url, func.coalesce(Fetch.started_at, FeedRun.finished_at), status, Fetch.headers)
    return (
        select(StoryVersion.story_id, literal("feed"), *columns, FeedRun.document_digest, RawBlob.content_type)
        .join(FeedRun, brought)
        .join(RawBlob, RawBlob.digest == FeedRun.document_digest)
        .join(Feed, Feed.id == FeedRun.feed_id)
        .join(Fetch, asked, isouter=True)
        .where(StoryVersion.source == "feed")
    )


def _imports() -> Select[Any]:
    columns = (Story.url, StoryVersion.created_at, null(), null(), StoryVersion.raw_digest, RawBlob.content_type)
    return (
        select(StoryVersion.story_id, literal("import"), *columns)
        .join(Story, Story.id == StoryVersion.story_id)
        .join(RawBlob, RawBlob.digest == StoryVersion.raw_digest)
        .where(StoryVersion.source == "import")
    )


def _capture(row: Any) -> Capture:  # noqa: ANN401 (a row of either query)
    story_id, kind, url, at, status, headers, digest, content_type = row
    kept = tuple((str(name), str(value)) for name, value in headers or ())
    return Capture(
        story_id=story_id,
        kind=kind,
        url=url,
        at=at,
        status=status,
        headers=kept,
        digest=digest or "",
        content_type=content_type,
    )

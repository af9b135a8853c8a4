"""The page queue: which stories' pages are due, and what came of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, case, select, update

from models._keys import table_of
from models.archive.merges import merge_stories
from models.archive.stories import add_keys, queue_for_search, write_story_state
from models.archive.versions import CodeVersions, NewText, place, point_to, write_texts
from models.identity import KeyName, LoadContext, Merger, NewVersion, StoryState
from models.stages import ClassifiedStory, Source
from models.tables import Sighting, Story

_STORIES = table_of(Story)


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePage:
    """A story whose page is to be asked for."""

    story_id: int
    url: str
    attempts: int
    checks: int
    etag: str | None
    digest: str | None
    pending_hash: str | None
    reason: str | None = None  # why the page was not believed last time


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePlace:
    """What a visit writes into the queue's columns of its story."""

    state: str
    reason: str | None
    due_at: datetime | None
    attempts: int
    checks: int
    etag: str | None
    digest: str | None
    pending_hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageChange:
    """What a page does to its story."""

    story_id: int
    place: QueuePlace
    version: NewVersion | None = None
    classified: ClassifiedStory | None = None
    state: StoryState | None = None
    raw_digest: str | None = None
    keys: tuple[KeyName, ...] = ()
    feed_id: str | None = None  # whose link led to the page; where there are keys
    merger: Merger | None = None


def due_pages(connection: Connection, now: datetime, feed_ids: Sequence[str] | None = None) -> list[DuePage]:
    """Return the pages due, first fetches before re-checks, the newest stories first; of certain feeds if named."""
    is_first = case((_STORIES.c.page_checks == 0, 0), else_=1)
    query = (
        select(
            _STORIES.c.id.label("story_id"),
            _STORIES.c.url,
            _STORIES.c.page_attempts.label("attempts"),
            _STORIES.c.page_checks.label("checks"),
            _STORIES.c.page_etag.label("etag"),
            _STORIES.c.page_digest.label("digest"),
            _STORIES.c.page_pending_hash.label("pending_hash"),
            _STORIES.c.page_reason.label("reason"),
        )
        .where(_STORIES.c.page_due_at <= now, _STORIES.c.url.is_not(None))
        .where(_STORIES.c.withdrawn_at.is_(None), _STORIES.c.merged_into.is_(None))
        .order_by(is_first, _STORIES.c.sort_at.desc(), _STORIES.c.id.desc())
    )
    if feed_ids is not None:
        seen = select(Sighting.story_id).where(Sighting.feed_id.in_(feed_ids))
        query = query.where(_STORIES.c.id.in_(seen))
    return [DuePage(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001 (SQLAlchemy's public name)


def record_visit(connection: Connection, change: PageChange, context: LoadContext, code: CodeVersions) -> None:
    """Write what a page did to its story, and its place in the queue."""
    if change.state is not None:
        write_story_state(connection, change.story_id, change.state, context)
    if change.version is not None and change.classified is not None:
        _write_version(connection, change, change.classified, context, code)
        queue_for_search(connection, [change.story_id], context.now)
    spot = change.place
    columns = {
        "page_state": spot.state,
        "page_reason": spot.reason,
        "page_due_at": spot.due_at,
        "page_attempts": spot.attempts,
        "page_checks": spot.checks,
        "page_etag": spot.etag,
        "page_digest": spot.digest,
        "page_pending_hash": spot.pending_hash,
    }
    connection.execute(update(_STORIES).where(_STORIES.c.id == change.story_id).values(columns))
    if change.feed_id is not None:
        add_keys(connection, change.keys, change.story_id, replace(context, feed_id=change.feed_id), code)
    if change.merger is not None:
        merge_stories(connection, change.merger, context.now)


def _write_version(
    connection: Connection, change: PageChange, classified: ClassifiedStory, context: LoadContext, code: CodeVersions
) -> None:
    assert change.version is not None
    text = NewText(
        story_id=change.story_id,
        version=change.version,
        classified=classified,
        title=change.state.title if change.state else classified.story.title,
        source=Source.PAGE,
        feed_id=None,
        raw_entry=None,
        raw_digest=change.raw_digest,
    )
    placed = place(connection, [text])
    write_texts(connection, placed, context, code)
    point_to(connection, placed)

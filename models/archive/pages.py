"""The page queue: which stories' pages are due, and what came of them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import Connection, Row, case, or_, select, update

from models.archive.ledger.changes import log_changes, shown_among
from models.archive.ledger.counts import counting
from models.archive.merges import merge_stories
from models.archive.stories import add_keys, queue_for_search, write_story_state
from models.archive.texts.versions import CodeVersions, NewText, place, point_to, write_texts
from models.changes import ChangeKind
from models.identity import KeyName, LoadContext, Merger, NewVersion, PageQueueState, PageState, StoryState
from models.stages import NEAR_MISS, ClassifiedStory, Source
from models.tables.feeds import Feed
from models.tables.keys import table_of
from models.tables.labels import ClassificationRow
from models.tables.stories import Sighting, Story

_STORIES, _LABELS, _FEEDS = table_of(Story), table_of(ClassificationRow), table_of(Feed)
_LONGEST_REST: Final = timedelta(days=60)  # twice any of a page: what is due later, a clock that was ahead has written
_QUEUE_COLUMNS: Final = {name: _STORIES.c[f"page_{name}"] for name in PageQueueState.__struct_fields__}


class DuePage(Struct, frozen=True, kw_only=True):
    """A story whose page is to be asked for."""

    story_id: int
    url: str
    entry: PageQueueState = field(default_factory=PageQueueState)
    feed_id: str | None = None  # that showed the story first


class PageChange(Struct, frozen=True, kw_only=True):
    """What a page does to its story."""

    story_id: int
    entry: PageQueueState
    version: NewVersion | None = None
    classified: ClassifiedStory | None = None
    state: StoryState | None = None
    raw_digest: str | None = None
    keys: tuple[KeyName, ...] = ()
    feed_id: str | None = None  # whose link led to the page; where there are keys
    merger: Merger | None = None


def due_pages(connection: Connection, now: datetime, feed_ids: Sequence[str] | None = None) -> list[DuePage]:
    """Return the pages due, of certain feeds if named.

    First fetches come before re-checks, those that failed last time behind the others, the newest stories first.
    """
    is_first = case((_STORIES.c.page_checks == 0, 0), else_=1)
    has_failed = case(((_STORIES.c.page_checks == 0) & _STORIES.c.page_reason.is_not(None), 1), else_=0)
    sighted = select(Sighting.feed_id).where(Sighting.story_id == _STORIES.c.id).order_by(Sighting.id).limit(1)
    first_feed = sighted.correlate(_STORIES).scalar_subquery().label("feed_id")
    query = (
        select(_STORIES.c.id, _STORIES.c.url, *_QUEUE_COLUMNS.values(), first_feed)
        .where(or_(_STORIES.c.page_due_at <= now, _STORIES.c.page_due_at > now + _LONGEST_REST))
        .where(_STORIES.c.url.is_not(None))
        .where(_STORIES.c.withdrawn_at.is_(None), _STORIES.c.merged_into.is_(None))
        .order_by(is_first, has_failed, _STORIES.c.sort_at.desc(), _STORIES.c.id.desc())
    )
    if feed_ids is not None:
        seen = select(Sighting.story_id).where(Sighting.feed_id.in_(feed_ids))
        query = query.where(_STORIES.c.id.in_(seen))
    rows = connection.execute(query)
    return [DuePage(story_id=row.id, url=row.url, entry=_entry(row), feed_id=row.feed_id) for row in rows]


def _entry(row: Row[Any]) -> PageQueueState:
    values = {name: getattr(row, column.name) for name, column in _QUEUE_COLUMNS.items()}
    return PageQueueState(**values | {"state": PageState(row.page_state)})


def near_miss_pages(connection: Connection, run_ids: Collection[int], most: int) -> list[DuePage]:
    """Return the pages of entries that these runs met first and the gate turned away, the nearest to it first.

    Those of feeds whose stories are followed to their pages, which may say more than the entry did.
    """
    is_near = (_LABELS.c.relevance >= NEAR_MISS) & (_LABELS.c.origin == "auto")
    query = (
        select(_STORIES.c.id.label("story_id"), _STORIES.c.url, _STORIES.c.text_source.label("feed_id"))
        .join(_LABELS, _LABELS.c.id == _STORIES.c.classification_id)
        .join(_FEEDS, _FEEDS.c.id == _STORIES.c.text_source)
        .where(_STORIES.c.first_run_id.in_(run_ids), _STORIES.c.relevant_run_id.is_(None), _STORIES.c.url.is_not(None))
        .where(_STORIES.c.withdrawn_at.is_(None), _STORIES.c.merged_into.is_(None))
        .where(_STORIES.c.page_state == PageState.NONE.value, _FEEDS.c.full_text, is_near)
        .order_by(_LABELS.c.relevance.desc(), _STORIES.c.id)
        .limit(most)
    )
    return [
        DuePage(story_id=row.story_id, url=row.url, feed_id=row.feed_id, entry=PageQueueState())
        for row in connection.execute(query)
    ]


def postpone_page(connection: Connection, story_id: int, until: datetime) -> None:
    """Leave a page alone until a moment: its host asked for that, and it was not asked itself."""
    is_due = (_STORIES.c.id == story_id) & (_STORIES.c.page_due_at < until)
    connection.execute(update(_STORIES).where(is_due).values(page_due_at=until))


def record_visit(connection: Connection, change: PageChange, context: LoadContext, code: CodeVersions) -> None:
    """Write what a page did to its story, and its place in the queue."""
    if change.state is not None or change.version is not None:
        before = shown_among(connection, [change.story_id])
        with counting(connection, [change.story_id]):
            _write_change(connection, change, context, code)
        kind = ChangeKind.FACTS if change.version is None else ChangeKind.TEXT
        log_changes(connection, [(change.story_id, kind)], before, context.now, context.run_id)
    columns = {column.name: getattr(change.entry, name) for name, column in _QUEUE_COLUMNS.items()}
    connection.execute(update(_STORIES).where(_STORIES.c.id == change.story_id).values(columns))
    if change.feed_id is not None:
        add_keys(connection, change.keys, change.story_id, replace(context, feed_id=change.feed_id), code)
    if change.merger is not None:
        merge_stories(connection, change.merger, context.now, context.run_id)


def _write_change(connection: Connection, change: PageChange, context: LoadContext, code: CodeVersions) -> None:
    if change.state is not None:
        write_story_state(connection, change.story_id, change.state, context)
    if change.version is not None and change.classified is not None:
        _write_version(connection, change, change.classified, context, code)
        queue_for_search(connection, [change.story_id], context.now)


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
